"""Data: from a folder of person crops to one table and one array of pixels.

    crops = open_crops("data/market1501")            # the table: path, pid, camid, split
    print(check_data(crops))                         # is anything wrong with it?
    pixels = open_pixels(crops, height=256, width=128)
    pixels.read([0, 1, 2])                           # (3, 256, 128, 3) uint8

Nothing here imports torch.
"""

from reidkit.data.balance import blueness, colour_cast, mean_colours, write_balanced
from reidkit.data.crops import DISTRACTOR, JUNK, SPLITS, check_crops, select, without_identities
from reidkit.data.doctor import check_data
from reidkit.data.findings import Finding, Report
from reidkit.data.layouts import LAYOUTS, multi_query_crops, open_crops, open_folds
from reidkit.data.pixels import Pixels, cache_folder, open_pixels, thumbnails

__all__ = [
    "DISTRACTOR",
    "JUNK",
    "LAYOUTS",
    "SPLITS",
    "Finding",
    "Pixels",
    "Report",
    "blueness",
    "cache_folder",
    "check_crops",
    "check_data",
    "colour_cast",
    "mean_colours",
    "multi_query_crops",
    "open_crops",
    "open_folds",
    "open_pixels",
    "select",
    "thumbnails",
    "without_identities",
    "write_balanced",
]

"""The two towns: drawn pedestrians, so that the suite runs with no data set at hand."""

from reidkit.data.towns.cameras import Camera, Shot, draw_crop
from reidkit.data.towns.figure import draw_person
from reidkit.data.towns.people import Garment, Item, Person, sample_people
from reidkit.data.towns.town import TOWNS, Town, draw_town, town_people

__all__ = [
    "TOWNS",
    "Camera",
    "Garment",
    "Item",
    "Person",
    "Shot",
    "Town",
    "draw_crop",
    "draw_person",
    "draw_town",
    "sample_people",
    "town_people",
]

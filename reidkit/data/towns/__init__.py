"""Two towns of drawn pedestrians: a data set that needs no download.

Summer town is the labelled source, Winter town the unlabelled target. Both are drawn from a seed
and written in Market-1501's layout, so that the loader of the real set reads them.
"""

from __future__ import annotations

from reidkit.data.towns.cameras import Camera
from reidkit.data.towns.crop import Place, draw_crop
from reidkit.data.towns.export import export_town, label_by_hand, read_key
from reidkit.data.towns.figure import draw_person
from reidkit.data.towns.people import (
    Garment,
    Item,
    Person,
    Wardrobe,
    look_alike,
    sample_people,
    sample_person,
)
from reidkit.data.towns.plan import Shot, plan_town, town_people
from reidkit.data.towns.settings import Town
from reidkit.data.towns.town import TOWNS, draw_town
from reidkit.data.towns.trouble import TROUBLED, Trouble, draw_troubled_town, read_planted

__all__ = [
    "TOWNS", "TROUBLED", "Camera", "Garment", "Item", "Person", "Place", "Shot", "Town", "Trouble",
    "Wardrobe", "draw_crop", "draw_person", "draw_town", "draw_troubled_town", "export_town", "label_by_hand",
    "look_alike", "plan_town", "read_key", "read_planted", "sample_people", "sample_person", "town_people",
]  # fmt: skip

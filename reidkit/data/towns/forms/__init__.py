"""Miniatures: a town's people in the form of every benchmark that reidkit reads.

Right names, folders, lists and MATLAB files, some 100 crops each: to try a command, a layout or a
protocol on before the real data set is there, and to test them all.
"""

from __future__ import annotations

from reidkit.data.towns.forms.drawing import FORMS, draw_form, find_form, planned_crops
from reidkit.data.towns.forms.planning import Form, Picture, Way

__all__ = ["FORMS", "Form", "Picture", "Way", "draw_form", "find_form", "planned_crops"]

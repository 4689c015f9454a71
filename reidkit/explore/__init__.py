"""Widgets: figures that answer to a control, and leave a picture behind where no kernel runs."""

from reidkit.explore.live import Live

__all__ = ["Live"]

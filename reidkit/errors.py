"""The one error a user is meant to read."""

from __future__ import annotations


class ReidkitError(ValueError):
    """Something about the input is wrong; the message names it and says what to do.

    The command line prints the message alone, without a traceback, and exits with status 2. A notebook
    shows the message alone, too.
    """

    def _render_traceback_(self) -> list[str]:
        """Say to IPython how to show the error: where it was raised is nothing to a user."""
        return [f"ReidkitError: {self}"]

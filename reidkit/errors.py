"""The one error a user is meant to read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


class ReidkitError(ValueError):
    """Something about the input is wrong; the message names it and says what to do.

    The command line prints the message alone, without a traceback, and exits with status 2. A notebook
    shows the message alone, too.
    """

    def _render_traceback_(self) -> list[str]:
        """Say to IPython how to show the error: where it was raised is nothing to a user."""
        return [f"ReidkitError: {self}"]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question with the nearest name, or nothing.

    >>> did_you_mean("SYSU-MM01", ["msmt17", "sysu_mm01"])
    '; did you mean sysu_mm01?'
    """
    plain = {_letters(one): one for one in known}
    alike = difflib.get_close_matches(_letters(name), plain, n=1)
    return f"; did you mean {plain[alike[0]]}?" if alike else ""


def _letters(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())

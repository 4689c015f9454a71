"""The one error a user is meant to read."""

from __future__ import annotations


class ReidkitError(ValueError):
    """Something about the input is wrong; the message names it and says what to do.

    The command line prints the message alone, without a traceback, and exits with status 2.
    """

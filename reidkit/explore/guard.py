"""Errors of a callback must be seen.

A callback is run by the browser, not by a cell, so there is no cell to print its traceback under: the
error would vanish, and the view would simply not answer any more.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from reidkit.errors import ReidkitError

P = ParamSpec("P")
R = TypeVar("R")


def told(error: Exception) -> str:
    """What to show of an error: a ReidkitError is a sentence for the user, anything else a traceback.

    >>> told(ReidkitError("eps=-1: expected a positive number."))
    'eps=-1: expected a positive number.'
    """
    if isinstance(error, ReidkitError):
        return str(error)
    return "".join(traceback.format_exception(error)).rstrip()


def guarded(report: Callable[[str], object]) -> Callable[[Callable[P, R]], Callable[P, R | None]]:
    """Decorate a callback so that its errors go to ``report`` instead of being lost.

    The callback then returns None and everything around it goes on. As soon as it works again, the
    report is taken back with an empty text; a callback that never failed reports nothing, so it does
    not wipe away what another one had to say.

    >>> @guarded(print)
    ... def invert(x: float) -> float:
    ...     if x == 0:
    ...         raise ReidkitError("x=0: expected any other number.")
    ...     return 1 / x
    >>> invert(4.0)
    0.25
    >>> invert(0)
    x=0: expected any other number.
    """

    def wrap(callback: Callable[P, R]) -> Callable[P, R | None]:
        failed = False

        @functools.wraps(callback)
        def run(*args: P.args, **kwargs: P.kwargs) -> R | None:
            nonlocal failed
            try:
                result = callback(*args, **kwargs)
            except Exception as error:  # whatever it is, it must be seen
                failed = True
                report(told(error))
                return None
            if failed:
                failed = False
                report("")
            return result

        return run

    return wrap

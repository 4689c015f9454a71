"""An error in a callback is told, and taken back when the callback works again."""

from __future__ import annotations

import pytest

from reidkit.errors import ReidkitError
from reidkit.explore.guard import guarded


def test_it_passes_on_what_the_callback_is_given_and_returns() -> None:
    said: list[str] = []
    assert guarded(said.append)(divmod)(7, 2) == (3, 1)
    assert said == []


def test_a_sentence_for_a_known_error_and_a_traceback_for_any_other() -> None:
    said: list[str] = []

    @guarded(said.append)
    def callback(error: Exception) -> None:
        raise error

    assert callback(ReidkitError("eps=-1: expected more.")) is None
    assert said.pop() == "eps=-1: expected more."
    callback(KeyError("no such bin"))
    assert "no such bin" in said[0]
    assert "Traceback" in said[0]
    assert __file__ in said[0]


def test_only_the_callback_that_failed_takes_its_report_back() -> None:
    said: list[str] = []
    tell = guarded(said.append)
    broken, sound = tell(lambda x: 1 // x), tell(lambda: None)
    broken(0)
    sound()
    assert len(said) == 1
    broken(1)
    broken(1)
    assert said[1:] == [""]


def test_an_interrupt_is_not_caught() -> None:
    def callback() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guarded(print)(callback)()

"""The eps dial turns when it is turned, and not when a browser rounds what it shows."""

from __future__ import annotations

import numpy as np
import pytest

from reidkit.explore import Explorer, explore


@pytest.fixture
def explorer() -> Explorer:
    """Twelve clouds of ten crops, with labels that no eps gives."""
    rng = np.random.default_rng(0)
    features = np.repeat(rng.normal(size=(12, 16)), 10, axis=0) + 0.1 * rng.normal(size=(120, 16))
    features = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
    return explore(features, labels=np.arange(120) % 5)


def test_the_labels_stay_as_recorded_until_the_dial_is_turned(explorer: Explorer) -> None:
    dial = explorer.dial
    dial.eps.set_state({"value": dial.eps.value + 1e-12})  # as the browser, when it first shows the slider
    assert explorer.session.eps is None
    assert (explorer.labels == np.arange(120) % 5).all()
    dial.eps.set_state({"value": 0.61})
    assert explorer.session.eps == 0.61
    assert (explorer.labels == explorer.session.scene.tree(0).cut(0.61)).all()
    dial.k1.set_state({"value": 12})
    assert (explorer.labels == explorer.session.scene.tree(0, k1=12).cut(0.61)).all()


def test_what_is_suggested_is_taken_where_the_dial_stands_already(explorer: Explorer) -> None:
    dial = explorer.dial
    dial.eps.value = suggested = explorer.session.scene.tree(0).suggest_eps()
    dial.recorded.click()
    assert explorer.session.eps is None
    dial.suggest.click()
    assert explorer.session.eps == suggested
    assert (explorer.labels == explorer.session.scene.tree(0).cut(suggested)).all()


def test_code_sets_any_eps(explorer: Explorer) -> None:
    explorer.set_eps(explorer.dial.eps.value)
    assert explorer.session.eps == explorer.dial.eps.value
    explorer.set_eps(0.613)
    assert explorer.session.eps == 0.613

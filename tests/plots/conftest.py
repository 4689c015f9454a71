"""One small run for all pictures; nobody writes into it."""

from __future__ import annotations

import pytest

from plots.fake_run import make_run
from reidkit.engine.record import Record


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return make_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def blind_run(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The run of somebody who knows no identity."""
    return make_run(tmp_path_factory.mktemp("blind"), known=False)

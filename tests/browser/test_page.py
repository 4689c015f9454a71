"""The explorer as a page of its own: who may see it, what it asks for, and how it ends."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import Page

from tests.browser.explored import Explored
from tests.browser.lab import PATIENCE, environment, screenshot, wait_for

NAME = 'it\'s a "run"'


class Served:
    """``reidkit explore`` as a process of its own.

    Attributes:
        address: what it printed, with the token.
    """

    def __init__(self, root: Path, *command: str) -> None:
        root.mkdir(exist_ok=True)
        env = {**environment(root), "TMPDIR": str(root)}
        self.process = subprocess.Popen(
            [sys.executable, *command], env=env, stdout=subprocess.PIPE, text=True, cwd=root,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "http://127.0.0.1:" in line, line
        self.address = line.split()[-1]

    def kernels(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@pytest.fixture
def served(chromium: str, run: Path, tmp_path: Path) -> Iterator[Served]:
    # The name must come through shell, file and cell as it is.
    shutil.copytree(run, tmp_path / NAME)
    served = Served(tmp_path / "page", "-m", "reidkit.cli", "explore", f"../{NAME}", "--no-browser")
    yield served
    served.process.kill()


def test_the_page_lives_and_ends(served: Served, page: Page, tmp_path: Path) -> None:
    with urlopen(served.address.split("?")[0]) as answer:
        assert "/login" in answer.url, "a page without its token must be refused"
    assert served.kernels() == []

    page.goto(served.address)
    explorer = Explored(page)
    explorer.see_dots()
    assert page.title() == NAME
    assert len(served.kernels()) == 1
    explorer.lasso((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98))
    page.get_by_role("heading", name="144 selected crops", exact=True).wait_for()
    explorer.see_cards(144)
    page.screenshot(path=screenshot("page"))

    page.close(run_before_unload=True)
    wait_for(lambda: not served.kernels(), "the page's process to end with the page")
    assert served.interrupt() == 0
    assert not list((tmp_path / "page").glob("reidkit-*"))

"""The explorer as a page of its own: who may see it, what it asks for, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import Page

from tests.browser.lab import PATIENCE, environment, wait_for

STAND_IN = '''
from reidkit.explore.page import serve_cell
serve_cell("""
from ipywidgets import HTML, IntSlider, VBox
slider, told = IntSlider(3), HTML()
slider.observe(lambda change: setattr(told, "value", f"now {change.new}"), names="value")
VBox([slider, told])
""", title="a run", browse=False)
'''


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
def served(chromium: str, tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path / "page", "-c", STAND_IN)
    yield served
    served.process.kill()


def test_the_page_lives_and_ends(served: Served, page: Page, tmp_path: Path) -> None:
    with urlopen(served.address.split("?")[0]) as answer:
        assert "/login" in answer.url, "a page without its token must be refused"
    assert served.kernels() == []

    page.goto(served.address)
    page.locator(".noUi-handle").press("ArrowRight")
    page.get_by_text("now 4").wait_for()
    assert page.title() == "a run"
    assert len(served.kernels()) == 1

    page.close(run_before_unload=True)
    wait_for(lambda: not served.kernels(), "the page's process to end with the page")
    assert served.interrupt() == 0
    assert not list((tmp_path / "page").glob("reidkit-*"))

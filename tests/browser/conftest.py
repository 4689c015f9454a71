"""A browser that may speak to this machine alone, and a JupyterLab to open in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.explored import EXPLORE, ExplorerPage
from tests.browser.lab import PATIENCE, Lab, LabServer
from tests.plots.fake_run import make_run

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """The program that REIDKIT_CHROMIUM names; else the first of NAMES on the PATH."""
    return os.environ.get("REIDKIT_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="package")
def chromium() -> str:
    found = find_chromium()
    if found is None:
        told = f"no {' or '.join(NAMES)} on the PATH: install one, or name one in REIDKIT_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    return found


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium without a window. It finds no machine by name, so that nothing can leave this one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        )
        yield browser
        browser.close()


@contextmanager
def watched(browser: Browser) -> Iterator[Page]:
    """A page. It fails if it asked anything of another machine, or if a script failed in it."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, service_workers="block")
    context.set_default_timeout(1000 * PATIENCE)
    asked: list[str] = []
    failed: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    yield page
    context.close()
    assert asked, "no request was seen"
    assert [url for url in asked if not is_local(url)] == []
    assert failed == []


def is_local(url: str) -> bool:
    """Whether a request stays on this machine."""
    parts = urlsplit(url)
    if parts.scheme in ("data", "blob"):
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name
        return False


@pytest.fixture(scope="package")
def lab_server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    server = LabServer(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture(scope="package", autouse=True)
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let pictures of pages go to a temporary folder, if REIDKIT_SCREENSHOTS names no other."""
    with pytest.MonkeyPatch.context() as patch:
        if "REIDKIT_SCREENSHOTS" not in os.environ:
            patch.setenv("REIDKIT_SCREENSHOTS", str(tmp_path_factory.mktemp("screenshots")))
        yield


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with watched(browser) as page:
        yield page


@pytest.fixture
def lab(page: Page, lab_server: LabServer) -> Iterator[Lab]:
    lab = Lab(page, lab_server)
    yield lab
    lab.stop_kernel()


@pytest.fixture(scope="package")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small run, with its crops as images."""
    return make_run(tmp_path_factory.mktemp("run")).path


@pytest.fixture(scope="module")
def explorer(browser: Browser, lab_server: LabServer, run: Path) -> Iterator[ExplorerPage]:
    """The explorer of the small run in JupyterLab. All tests of a file share it: opening it takes long."""
    with watched(browser) as page:
        lab = ExplorerPage(page, lab_server)
        lab.run("explorer", EXPLORE.format(str(run)))
        lab.see_dots()
        yield lab
        lab.stop_kernel()

"""A JupyterLab server of its own, and a browser page on it that is driven as a user would."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page

TOKEN = "a-token-for-the-tests"
PATIENCE = 60  # seconds: generous, for two busy cores; what is waited for comes much sooner
QUIET = {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": True}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

RUN_ALL = """(path) => {
    const app = window.jupyterapp;
    window.tested = {ran: false};
    const opened = app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    opened.then(async panel => {
        app.shell.collapseLeft();
        await panel.context.ready;
        await panel.sessionContext.ready;
        window.tested.panel = panel;
        await app.commands.execute('notebook:run-all-cells');
        window.tested.ran = true;
    }).catch(error => { window.tested.failed = String(error); });
}"""
IDLE = """() => {
    const {failed, ran, panel} = window.tested;
    return failed || (ran && panel.sessionContext.kernelDisplayStatus === 'idle');
}"""


def wait_for(asked: Callable[[], Any], what: str, *, patience: float = PATIENCE) -> Any:
    """Return what ``asked()`` gives as soon as it is true.

    For what no event tells: the state of another process.
    """
    end = time.monotonic() + patience
    while not (answer := asked()):
        assert time.monotonic() < end, f"waited {patience} s in vain for {what}"
        time.sleep(0.05)
    return answer


class LabServer:
    """JupyterLab on 127.0.0.1, at a free port, with nothing of the user's own settings.

    Args:
        root: a folder of its own; notebooks lie in ``root/notebooks``.
    """

    def __init__(self, root: Path) -> None:
        self.notebooks, self.runtime = root / "notebooks", root / "runtime"
        self.notebooks.mkdir(parents=True)
        settings = root / "settings" / "@jupyterlab/apputils-extension/notification.jupyterlab-settings"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps(QUIET))
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser", "--allow-root",
            "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}",
            f"--ServerApp.root_dir={self.notebooks}",
        ]  # fmt: skip
        self.log = root / "lab.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, env=environment(root), stdout=log, stderr=log, cwd=self.notebooks
            )
        self.url = wait_for(self._address, f"JupyterLab; it says:\n{self.log.read_text()}")

    def _address(self) -> str | None:
        """The server's address once it answers; it may have taken another port than it was told."""
        assert self.process.poll() is None, f"JupyterLab ended:\n{self.log.read_text()}"
        for told in self.runtime.glob("jpserver-*.json"):
            try:
                url = json.loads(told.read_text())["url"]
                urlopen(f"{url}api", timeout=5).close()
            except (OSError, json.JSONDecodeError):  # not yet listening, or the file is being written
                return None
            return url
        return None

    def write(self, name: str, *cells: str) -> str:
        """Write a notebook of these code cells; return its name in the server."""
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        return self.put(name, notebook)

    def put(self, name: str, notebook: NotebookNode) -> str:
        """Write a notebook; return its name in the server."""
        nbformat.write(notebook, self.notebooks / f"{name}.ipynb")
        return f"{name}.ipynb"

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()


def environment(root: Path) -> dict[str, str]:
    """The tests' environment, with every folder that Jupyter or IPython writes to under ``root``."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }  # fmt: skip
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
    return {
        **os.environ, **{name: str(root / folder) for name, folder in folders.items()},
        "PYTHONPATH": path, "OMP_NUM_THREADS": "1",
    }  # fmt: skip


class Lab:
    """A page on JupyterLab, and a second line to the kernel of the notebook that it shows.

    Args:
        page: a playwright page.
        server: the server.
    """

    def __init__(self, page: Page, server: LabServer) -> None:
        self.page, self.server = page, server
        page.goto(f"{server.url}lab/workspaces/auto-{time.monotonic_ns()}?token={TOKEN}&reset")
        page.wait_for_function("() => window.jupyterapp")
        page.evaluate("() => window.jupyterapp.restored")

    def run(self, name: str, *cells: str) -> None:
        """Write a notebook of these cells, open it, run them all, and wait until the kernel is idle."""
        self.run_all(self.server.write(name, *cells))

    def run_all(self, path: str, *, patience: float = PATIENCE) -> None:
        """Open a notebook of the server, run all its cells, and wait until the kernel is idle."""
        self.page.evaluate(RUN_ALL, path)
        self.page.wait_for_function(IDLE, timeout=1000 * patience)
        assert not self.page.evaluate("() => window.tested.failed")
        errors = self.page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']")
        assert errors.count() == 0, "\n".join(errors.all_inner_texts())

    def notebook(self) -> NotebookNode:
        """Return the notebook as the page has it now, with its outputs."""
        return nbformat.from_dict(self.page.evaluate("() => window.tested.panel.content.model.toJSON()"))

    @contextmanager
    def kernel(self) -> Iterator[BlockingKernelClient]:
        """A client of the notebook's kernel, beside the page."""
        kernel = self.page.evaluate("() => window.tested.panel.sessionContext.session.kernel.id")
        client = BlockingKernelClient()
        client.load_connection_file(self.server.runtime / f"kernel-{kernel}.json")
        client.start_channels(hb=False)  # its thread may begin only when the client has gone again
        try:
            yield client
        finally:
            client.stop_channels()

    def value(self, expression: str) -> Any:
        """Return what an expression is in the kernel; it must be made of numbers, texts, lists and dicts."""
        with self.kernel() as client:
            answer = client.execute_interactive(
                "", silent=True, store_history=False, timeout=PATIENCE,
                user_expressions={"asked": expression},
            )["content"]["user_expressions"]["asked"]  # fmt: skip
        assert answer["status"] == "ok", f"{expression}: {answer}"
        return ast.literal_eval(answer["data"]["text/plain"])

    def wait_for(self, expression: str, *, patience: float = PATIENCE) -> Any:
        """Return an expression's value in the kernel as soon as it is true."""
        return wait_for(lambda: self.value(expression), f"{expression} in the kernel", patience=patience)

    def stop_kernel(self) -> None:
        self.page.evaluate("() => window.tested?.panel?.sessionContext.shutdown()")

    def theme(self, name: str) -> None:
        """Switch to the light or the dark theme."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", THEMES[name]
        )
        light = str(name == "light").lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")  # Lab's curtain while it changes

    def screenshot(self, name: str) -> None:
        """Take a picture of the page."""
        self.page.screenshot(path=screenshot(name))


def screenshot(name: str) -> Path:
    """Return where a picture goes: into the folder that REIDKIT_SCREENSHOTS names, which conftest.py sets."""
    folder = Path(os.environ["REIDKIT_SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"


def centre(locator: Locator, x: float = 0.5, y: float = 0.5) -> tuple[float, float]:
    """Return page coordinates of a place in an element, given as shares of its width and height."""
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    assert box is not None, f"{locator} is not on the page"
    return box["x"] + x * box["width"], box["y"] + y * box["height"]

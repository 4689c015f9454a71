"""The explorer as a page of its own: no notebook is seen, and nothing leaves this machine.

Voilà runs a notebook of one cell and shows what it returns. Each window that is opened gets a Python process
of its own, which ends when the window is closed.
"""

from __future__ import annotations

import logging
import secrets
import tempfile
import threading
import webbrowser
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config
from voila.app import Voila

from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.evaluation.files import SUFFIXES

TEMPLATE = Path(__file__).parent / "page_template"
FORGOTTEN = 600  # seconds after which the process of a window that is gone without a word is ended
ONLY_HERE = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'"
"""What a browser may load for the page: what this server gives (a Content-Security-Policy)."""


def check_explorable(path: Path) -> Path:
    """Return the absolute path of a run, or of a file of features, that can be explored.

    Raises:
        ReidkitError: there is nothing of the kind.
    """
    if not path.exists():
        raise ReidkitError(f"{path} does not exist. Give a run's folder, or an .npz or .mat of features.")
    if path.is_dir() and not Record(path).recorded:
        raise ReidkitError(f"{path} has no epoch yet: its first is written in a moment.")
    if path.is_file() and path.suffix.lower() not in SUFFIXES:
        raise ReidkitError(f"{path} is neither a run's folder nor an .npz or .mat of features.")
    return path.resolve()


def serve(path: Path, *, port: int = 8866, browse: bool = True) -> None:
    """Show the explorer of a run as a page, until Ctrl-C.

    Args:
        path: a run's folder, or an .npz or .mat of features.
        port: where to serve; the next free one is taken when it is not.
        browse: open the page in the user's browser. Its address is printed in any case.

    Raises:
        ReidkitError: there is nothing to explore at ``path``. No server is started.
    """
    path = check_explorable(path)
    source = f"from reidkit.explore import explore\nexplore({str(path)!r})"
    serve_cell(source, title=path.name, port=port, browse=browse)


def serve_cell(source: str, *, title: str, port: int = 8866, browse: bool = True) -> None:
    """Show what a cell returns as a page, until Ctrl-C."""
    with tempfile.TemporaryDirectory(prefix="reidkit-") as folder:
        notebook = new_notebook(cells=[new_code_cell(source)])
        notebook.metadata["title"] = title
        notebook.metadata["kernelspec"] = {
            "name": "python3", "display_name": "Python 3", "language": "python",
        }  # fmt: skip
        nbformat.write(notebook, Path(folder) / "explorer.ipynb")
        logging.getLogger("tornado").setLevel(logging.ERROR)  # it warns of what Jupyter itself sets
        page = Page(config=_settings(Path(folder), port), browse=browse)
        page.initialize([])
        page.start()


class ThisPython(KernelSpecManager):
    """Knows one Python, the one that runs: another environment's may call itself python3 too."""

    def _kernel_dirs_default(self) -> list[str]:
        return []


class Page(Voila):
    """Voilà with our template, which says where it is.

    Args:
        browse: open the page in the user's browser.
    """

    def __init__(self, *, browse: bool, **options: object) -> None:
        super().__init__(**options)
        self.browse = browse

    def setup_template_dirs(self) -> None:
        super().setup_template_dirs()
        self.template_paths.insert(0, str(TEMPLATE))

    def launch_browser(self) -> None:
        """Called once the server listens: only then the port is known."""
        address = f"{self.connection_url}?token={self.token}"
        print(f"The explorer is at {address}\nCtrl-C ends it.", flush=True)
        if self.browse:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _settings(folder: Path, port: int) -> Config:
    """All that Voilà is told: the settings in the user's own files are not read."""
    server = {
        "notebook_path": str(folder / "explorer.ipynb"),
        "connection_dir_root": str(folder),
        "config_file_paths": [],
        "ip": "127.0.0.1",
        "port": port,
        "token": secrets.token_urlsafe(24),
        "open_browser": True,  # with our launch_browser
        "log_level": "ERROR",
        "tornado_settings": {
            "headers": {"Content-Security-Policy": ONLY_HERE},
            # A page that is closed can send its last word without a token alone. All it says is the name of
            # its kernel, which nobody else can know.
            "disable_check_xsrf": True,
        },
    }
    return Config(
        Voila=server,
        VoilaConfiguration={
            "show_tracebacks": True,
            "file_allowlist": [],
            "kernel_spec_manager_class": ThisPython,
        },
        MappingKernelManager={"cull_idle_timeout": FORGOTTEN, "cull_interval": 30},
        KernelManager={"transport_encryption": "auto"},
    )

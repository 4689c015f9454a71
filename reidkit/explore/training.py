"""Watch a training while it runs: the explorer grows with its record. Stop it, and go on, from the widget.

The training is a process of its own, so the notebook stays free, and stopping is safe at any moment: the
record is written whole, epoch by epoch, and a run that was stopped goes on to the same result to the bit.
"""

from __future__ import annotations

import base64
import multiprocessing
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from reidkit.engine.progress import describe
from reidkit.engine.record import Record
from reidkit.explore.explorer import Explorer, explore
from reidkit.explore.guard import guarded, told
from reidkit.explore.still import Still
from reidkit.plots import canvas, plot_means

if TYPE_CHECKING:
    from reidkit.engine.config import TrainConfig

PAUSE = 1.0
"""Seconds between two looks at the record."""


def train_live(
    data: str | Path, out: str | Path, *, preset: str = "auto", layout: str | None = None, **options: Any
) -> Training:
    """Start a training, or go on with the one in ``out``, and watch it.

    Args:
        data, out, layout: as for :func:`reidkit.engine.runs.train`.
        preset: "paper", "laptop", "towns", or "auto".
        options: fields of :class:`~reidkit.engine.config.TrainConfig`.

    Raises:
        ReidkitError: an option that is not known. What goes wrong later is said in the widget.
    """
    from reidkit.engine.config import make_config  # with torch; whoever only looks does without
    from reidkit.engine.runs import choose_preset

    training = Training(data, out, make_config(choose_preset(preset), options), layout=layout)
    training.start()
    return training


class Training:
    """A training in a process of its own, and what there is to see of it.

    Args:
        data, out, config, layout: as for :func:`reidkit.engine.runs.train`.

    Attributes:
        explorer: of the record; None before its first epoch is written.
        trouble: why the training failed; empty: it did not.
        spent: seconds of this process's time that watching has cost.
    """

    def __init__(
        self, data: str | Path, out: str | Path, config: TrainConfig, *, layout: str | None = None
    ) -> None:
        self.out, self._asked = Path(out), (str(data), str(out), config, layout)
        self.explorer: Explorer | None = None
        self.trouble = ""
        self.spent = 0.0
        self._process: Any = None
        self._seen: list[int] = []
        self._lock = threading.RLock()
        self.status = widgets.HTML("Not started.")
        self.go = widgets.Button(description="Go on", icon="play", disabled=True)
        self.halt = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.curve = Still()
        self.go.on_click(guarded(self._say)(lambda _click: self.start()))
        self.halt.on_click(guarded(self._say)(lambda _click: self.stop()))
        controls = widgets.HBox([self.go, self.halt, self.status], layout={"flex_flow": "row wrap"})
        self.widget = widgets.VBox([controls, self.curve])

    @property
    def running(self) -> bool:
        """Whether the process is at work."""
        return self._process is not None and self._process.is_alive()

    def start(self) -> None:
        """Start, or go on after the last finished epoch; nothing happens if it runs already."""
        with self._lock:
            if self.running:
                return
            self.trouble = ""
            # A fresh interpreter: a fork would inherit the threads and locks of the notebook's.
            context = multiprocessing.get_context("spawn")
            self._heard, tells = context.Pipe(duplex=False)
            self._process = context.Process(target=_train, args=(tells, *self._asked), daemon=True)
            self._process.start()
            tells.close()
            self._say("Starting ...")
            self._watcher = threading.Thread(target=guarded(self._say)(self._watch), daemon=True)
            self._watcher.start()

    def stop(self) -> None:
        """Stop it; what it has done since its last finished epoch is done again when it goes on."""
        if self.running:
            self._process.terminate()
            self._process.join()

    def wait(self, seconds: float | None = None) -> Training:
        """Wait until it has ended and everything is shown."""
        self._watcher.join(seconds)
        return self

    def _watch(self) -> None:
        running = True
        while running:
            running = self.running  # before the look: what was written until then is seen
            begun = time.thread_time()
            self._look()
            self.spent += time.thread_time() - begun
            if running:
                time.sleep(PAUSE)
        self.trouble = self._last_words()
        self._say(self.trouble)

    def _look(self) -> None:
        if not (self.out / "epochs.csv").is_file():
            return
        record = Record(self.out)
        if record.recorded != self._seen:
            self._seen = record.recorded
            if self.explorer is None:
                self.explorer = explore(record)
                self.explorer.session.scene.live = True
                self.widget.children = (*self.widget.children, self.explorer.widget)
            self.explorer.notice()
            self.curve.value = self._curve(record)
            self._say()

    def _curve(self, record: Record) -> bytes:
        """Draw how far apart Pos and Neg lie after each epoch: by identities where a test set has some."""
        which = "test" if record.epochs.get("pos_mean", pd.Series(dtype=float)).notna().any() else "pseudo"
        figure, axes = canvas(size=(5.2, 3.0))
        plot_means(record.epochs, which=which, ax=axes[0, 0])
        return figure.png()

    def _last_words(self) -> str:
        try:
            return self._heard.recv() if self._heard.poll() else ""
        except EOFError:  # it was stopped before it could say anything
            return ""

    def _say(self, message: str = "") -> None:
        """Write what is going on, and which buttons make sense."""
        ended = (self.out / "summary.json").is_file()
        state = "Running." if self.running else "Finished." if ended else "Stopped."
        epoch = describe(_last(Record(self.out))) if self._seen else ""
        red = f'<pre style="color:#C00000;white-space:pre-wrap">{message}</pre>' if message else ""
        self.status.value = f"<b>{state}</b> {epoch}{red}"
        self.go.disabled, self.halt.disabled = self.running or ended, not self.running

    def _repr_mimebundle_(self, **asked: Any) -> dict[str, Any]:
        bundle = self.widget._repr_mimebundle_(**asked)
        if self.curve.value:
            bundle |= {"image/png": base64.b64encode(self.curve.value).decode()}
        return bundle


def _last(record: Record) -> dict[str, Any]:
    return {str(name): value for name, value in record.epochs.to_dict(orient="records")[-1].items()}


def _train(tells: Connection, data: str, out: str, config: TrainConfig, layout: str | None) -> None:
    """What the other process does."""
    from reidkit.engine.runs import ensure_run

    try:
        ensure_run(data, out, config, layout=layout, progress=False)
        tells.send("")
    except Exception as error:  # whatever it is, it must be seen
        tells.send(told(error))

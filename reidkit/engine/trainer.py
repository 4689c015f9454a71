"""The training loop: embed, label, judge and record, train; round and round."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from reidkit.data.augment import Augment
from reidkit.data.pixels import Pixels
from reidkit.engine.checkpoint import load_checkpoint, save_checkpoint
from reidkit.engine.config import TrainConfig
from reidkit.engine.embedding import embed
from reidkit.engine.judge import Judge
from reidkit.engine.record import Record, RecordWriter
from reidkit.engine.runtime import Runtime
from reidkit.errors import ReidkitError
from reidkit.labels import Diagnosis
from reidkit.methods import Method
from reidkit.models import Embedder


class Step(nn.Module):
    """Network and method in one module: what several processes share the gradients of."""

    def __init__(self, model: Embedder, method: Method) -> None:
        super().__init__()
        self.model, self.method = model, method

    def forward(
        self, images: Tensor, labels: Tensor
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the unit features of each view, and the loss terms."""
        views = self.model(images)
        losses = self.method.losses(views, labels)
        return {name: view.unit for name, view in views.items()}, losses


class Trainer:
    """Train a network on crops without identities, and record every epoch.

    Args:
        model: the network.
        method: what to learn from the crops.
        crops: the table of crops, *without* a pid column.
        pixels: the decoded crops, row for row.
        config: epochs, batches, optimiser, seed.
        judge: measures what is recorded; holds the identities, and gives nothing back to the training.
        record: where every epoch is written.
        runtime: device and processes.
        progress: show bars and a line an epoch.
    """

    def __init__(
        self,
        model: Embedder,
        method: Method,
        crops: pd.DataFrame,
        pixels: Pixels,
        config: TrainConfig,
        *,
        judge: Judge,
        record: RecordWriter,
        runtime: Runtime,
        progress: bool = True,
    ) -> None:
        assert "pid" not in crops, "identities must not reach training"
        self.config, self.pixels, self.judge, self.record = config, pixels, judge, record
        self.runtime, self.progress = runtime, progress
        # The released 10 pixels are for crops 128 wide: smaller crops get as much in proportion.
        self.augment = Augment(pad=round(10 * pixels.width / 128))
        is_train = (crops["split"] == "train").to_numpy()
        self._train_rows, self._test_rows = np.flatnonzero(is_train), np.flatnonzero(~is_train)
        self._camids = crops["camid"].to_numpy(dtype=np.int64, na_value=-1)[is_train]
        step = Step(model, method)
        optimiser = torch.optim.Adam(
            [p for p in step.parameters() if p.requires_grad],
            lr=config.lr,
            weight_decay=config.weight_decay,
        )
        self.step, self.optimiser = runtime.prepare(step, optimiser)
        self._bare: Step = runtime.accelerator.unwrap_model(self.step)
        self.schedule = torch.optim.lr_scheduler.StepLR(optimiser, config.lr_step, gamma=0.1)
        self._rng = np.random.default_rng(config.seed)
        self._noise = torch.Generator().manual_seed(config.seed * 1000 + runtime.rank)
        self._trained: dict[str, float] = {"loss": math.nan}
        self._clock = Clock()

    def run(self) -> Record:
        """Train to the end, from the last checkpoint if there is one."""
        epoch = self._restore()
        while True:
            trouble = self._look(epoch)
            if epoch == self.config.epochs or (trouble is not None and trouble.fatal):
                break
            self._train_epoch()
            epoch += 1
            if self.runtime.is_main:
                save_checkpoint(self.record.path, self._state(epoch))
        if self.runtime.is_main:
            self._finish(trouble)
        return Record(self.record.path)

    @property
    def model(self) -> Embedder:
        """The network itself, unwrapped."""
        return self._bare.model

    def _look(self, epoch: int) -> Diagnosis | None:
        """Embed and label the training crops; judge and record the epoch. Returns what is wrong."""
        self.runtime.share_buffers(self.model)
        with self._clock("embed"):
            self._features = self._embed(self._train_rows)
        self._refuse_unless(np.isfinite(self._features["global"]).all(), "the features are")
        with self._clock("cluster"):
            self._labels, trouble = self.runtime.on_main(
                lambda: self._bare.method.relabel(self._features)
            )
        with self._clock("judge"):
            last = epoch == self.config.epochs or (trouble is not None and trouble.fatal)
            row, tables, test = self._judge(last or epoch % self.config.eval_every == 0)
        if self.runtime.is_main:
            row = {"epoch": epoch, **self._trained, **row, **self._clock.reset()}
            kept = {f"train/{k}": v for k, v in self._features.items()}
            kept |= {f"test/{k}": v for k, v in test.items()}
            pairs = pd.concat(tables, ignore_index=True)
            self.record.write_epoch(row, features=kept, labels=self._labels, pairs=pairs)
            self._tell(row, trouble)
        return trouble

    def _judge(
        self, test_is_due: bool
    ) -> tuple[dict[str, Any], list[pd.DataFrame], Mapping[str, np.ndarray]]:
        row, tables = self.judge.train(self._features["global"], self._labels)
        if not (test_is_due and self.judge.has_test):
            return row, tables, {}
        test = self._embed(self._test_rows)
        more, test_tables = self.judge.test(test["global"])
        return row | more, tables + test_tables, test

    def _embed(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        return embed(self.model, self.pixels, rows, self.runtime, progress=self.progress)

    def _train_epoch(self) -> None:
        method, count = self._bare.method, self._iterations()
        with self._clock("train"):
            method.start_epoch(self._features, self._labels)
            self.step.train()
            totals: dict[str, float] = {}
            batches = method.batches(self._labels, self._camids, count, self._rng)
            for batch in tqdm(batches, desc="train", total=count, leave=False,
                              disable=not (self.progress and self.runtime.is_main)):  # fmt: skip
                for name, value in self._train_batch(self.runtime.share(batch)).items():
                    totals[name] = totals.get(name, 0.0) + value / count
            self.schedule.step()
        totals = self.runtime.mean(totals)
        self._trained = {"loss": sum(totals.values())}
        self._trained |= {f"loss_{name}": value for name, value in totals.items()}

    def _train_batch(self, rows: np.ndarray) -> dict[str, float]:
        images = self.augment(
            self.runtime.put(self.pixels.read(self._train_rows[rows])), self._noise
        )
        labels = self.runtime.put(self._labels[rows])
        units, losses = self.step(images, labels)
        self.optimiser.zero_grad()
        self.runtime.backward(torch.stack(list(losses.values())).sum())
        self.optimiser.step()
        gathered = {name: self.runtime.gather(unit) for name, unit in units.items()}
        self._bare.method.update(gathered, self.runtime.gather(labels))
        values = {name: float(value.detach()) for name, value in losses.items()}
        self._refuse_unless(math.isfinite(sum(values.values())), "the loss is")
        return values

    def _refuse_unless(self, finite: bool | np.bool_, what: str) -> None:
        if not finite:
            raise ReidkitError(
                f"Training has diverged: {what} no longer finite. Start again with a lower learning rate "
                f"(--lr, now {self.config.lr:g}) and another --out."
            )

    def _iterations(self) -> int:
        if self.config.iters is not None:
            return self.config.iters
        batch = self.config.clusters * self.config.instances
        return max(1, math.ceil(int((self._labels >= 0).sum()) / batch))

    def _state(self, epoch: int) -> dict[str, Any]:
        return {
            "epoch": epoch,
            "pixels": self.pixels.path.name,
            "step": self._bare.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "trained": self._trained,
            "rng": self._rng.bit_generator.state,
            "noise": self._noise.get_state(),
            "torch_rng": torch.get_rng_state(),
        }

    def _restore(self) -> int:
        state = load_checkpoint(self.record.path)
        if state is None:
            return 0
        if state["pixels"] != self.pixels.path.name:
            raise ReidkitError(
                f"The images are not those that {self.record.path} began with: their names are the same, but "
                "not their content. Restore them, or start a new run."
            )
        self._bare.load_state_dict(state["step"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self._trained = state["trained"]
        self._rng.bit_generator.state = state["rng"]
        if self.runtime.is_main:
            # The other processes' noise is drawn afresh: exact resumption is promised for one process.
            self._noise.set_state(state["noise"])
        torch.set_rng_state(state["torch_rng"])
        return state["epoch"]

    def _tell(self, row: Mapping[str, Any], trouble: Diagnosis | None) -> None:
        if trouble is not None:
            tqdm.write(f"{'Stopped' if trouble.fatal else 'Warning'}: {trouble}")
        if self.progress:
            tqdm.write(describe(row))

    def _finish(self, trouble: Diagnosis | None) -> None:
        table = self.record.epochs
        rows = table.to_dict(orient="records")
        seconds = {stage: table[f"seconds_{stage}"].sum() for stage in Clock.stages}
        fatal = trouble is not None and trouble.fatal
        self.record.finish(
            {
                "epochs": int(table["epoch"].max()),
                "stopped": str(trouble) if fatal else None,
                "first": rows[0],
                "last": rows[-1],
                "seconds": seconds,
            }
        )


class Clock:
    """Seconds by stage, from one :meth:`reset` to the next."""

    stages = ("embed", "cluster", "train", "judge")

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        start = time.perf_counter()
        yield
        self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - start

    def reset(self) -> dict[str, float]:
        """Return and forget the seconds, as columns for epochs.csv."""
        row = {f"seconds_{stage}": round(self._seconds.get(stage, 0.0), 3) for stage in self.stages}
        self._seconds.clear()
        return row


def describe(row: Mapping[str, Any]) -> str:
    """Say an epoch in a line.

    >>> describe({"epoch": 2, "loss": 1.5, "clusters": 80, "outliers": 12, "mAP": 0.5, "overlap": 0.25})
    'epoch 2: loss 1.500, 80 clusters, 12 outliers, mAP 50.0 %, overlap 0.250'
    """
    parts = []
    if not math.isnan(row["loss"]):
        parts.append(f"loss {row['loss']:.3f}")
    parts.append(f"{row['clusters']} clusters, {row['outliers']} outliers")
    if "mAP" in row:
        parts.append(f"mAP {100 * row['mAP']:.1f} %, overlap {row['overlap']:.3f}")
    if "pair_f1" in row:
        parts.append(f"label F1 {row['pair_f1']:.2f}")
    return f"epoch {row['epoch']}: " + ", ".join(parts)

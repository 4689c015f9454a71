"""The training loop: embed, label, judge and record, train; round and round."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
from reidkit.engine.limits import cannot_know
from reidkit.engine.mending import Mending, count_edits
from reidkit.engine.progress import Clock, describe
from reidkit.engine.record import Record, RecordWriter
from reidkit.engine.runtime import Runtime
from reidkit.errors import ReidkitError
from reidkit.labels import Diagnosis
from reidkit.methods import Batch, Method
from reidkit.models import Embedder


class Step(nn.Module):
    """Network and method in one module: what several processes share the gradients of."""

    def __init__(self, model: Embedder, method: Method) -> None:
        super().__init__()
        self.model, self.method = model, method

    def forward(
        self, images: Tensor, rows: Tensor, labels: Tensor
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the loss terms, and what the method keeps of the batch."""
        batch, views = Batch(images, rows, labels), self.model(images)
        return self.method.losses(views, batch), self.method.keep(views, batch)


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
        mending: the edited labels to begin with, if any.
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
        mending: Mending | None = None,
        progress: bool = True,
    ) -> None:
        assert "pid" not in crops, "identities must not reach training"
        self.config, self.pixels, self.judge, self.record = config, pixels, judge, record
        self.runtime, self.mending, self.progress = runtime, mending, progress
        # The released 10 pixels are for crops 128 wide: smaller crops get as much in proportion.
        full = Augment(pad=round(10 * pixels.width / 128))
        self.augment = full if config.augment == "full" else Augment(pad=0, erase=0.0)
        is_train = (crops["split"] == "train").to_numpy()
        self._train_rows, self._test_rows = np.flatnonzero(is_train), np.flatnonzero(~is_train)
        self._camids = crops["camid"].to_numpy(dtype=np.int64, na_value=-1)[is_train]
        step = Step(model, method)
        optimiser = make_optimiser(step, config)
        self.step, self.optimiser = runtime.prepare(step, optimiser)
        self._bare: Step = runtime.accelerator.unwrap_model(self.step)
        self.schedule = torch.optim.lr_scheduler.StepLR(optimiser, config.lr_step, gamma=0.1)
        self._rng = np.random.default_rng(config.seed)
        self._noise = torch.Generator().manual_seed(config.seed * 1000 + runtime.rank)
        self._trained: dict[str, float] = {"loss": math.nan}
        self._trace: list[dict[str, float]] = []
        self._clock = Clock()

    def run(self) -> Record:
        """Train to the end, from the last checkpoint if there is one."""
        epoch = self._restore()
        while True:
            trouble = self._look(epoch)
            if epoch == self._last or (trouble is not None and trouble.fatal):
                break
            self._train_epoch(epoch)
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
            self._labels, trouble, told = self.runtime.on_main(lambda: self._relabel(epoch))
        with self._clock("judge"):
            last = epoch == self._last or (trouble is not None and trouble.fatal)
            row, tables, test = self._judge(last or epoch % self.config.eval_every == 0)
        if self.runtime.is_main:
            row = {"epoch": epoch, **self._trained, **row, **count_edits(told), **self._clock.reset()}
            kept = {f"train/{k}": v for k, v in self._features.items()}
            kept |= {f"test/{k}": v for k, v in test.items()}
            self.record.write_epoch(
                row,
                features=kept,
                labels=self._labels,
                pairs=pd.concat(tables, ignore_index=True),
                iterations=pd.DataFrame(self._trace),
                edits=told,
            )
            self._tell(row, trouble)
        return trouble

    def _relabel(self, epoch: int) -> tuple[np.ndarray, Diagnosis | None, pd.DataFrame | None]:
        """Ask the method for labels and mend them, or hold the ones that were given."""
        if self.mending and epoch < self.mending.hold:
            return self.mending.labels, None, None
        labels, trouble = self._bare.method.relabel(self._features, epoch)
        if self.mending is None or (trouble and trouble.fatal):
            return labels, trouble, None
        mended, told = self.mending.mend(labels)
        return mended, trouble, told

    def _judge(
        self, test_is_due: bool
    ) -> tuple[dict[str, Any], list[pd.DataFrame], Mapping[str, np.ndarray]]:
        method = self._bare.method
        row, tables = self.judge.train(method.embedding(self._features), self._labels)
        if not (test_is_due and self.judge.has_test):
            return row, tables, {}
        test = self._embed(self._test_rows)
        more, test_tables = self.judge.test(method.embedding(test))
        return row | more, tables + test_tables, test

    def _embed(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        return embed(self.model, self.pixels, rows, self.runtime, progress=self.progress)

    @property
    def _last(self) -> int:
        """How many passes there are in all."""
        return self.config.epochs + self._bare.method.extra_passes

    def _train_epoch(self, epoch: int) -> None:
        method, c = self._bare.method, self.config
        count = method.iterations(c.iters, c.clusters * c.instances, self._labels, epoch)
        self._trace = []
        with self._clock("train"):
            method.start_epoch(self._features, self._labels, epoch)
            for parameter in method.begins_anew():
                self.optimiser.state.pop(parameter, None)
            self.step.train()
            batches = method.batches(self._labels, self._camids, count, self._rng)
            for batch in tqdm(batches, desc="train", total=count, leave=False,
                              disable=not (self.progress and self.runtime.is_main)):  # fmt: skip
                values = self._train_batch(self.runtime.share(batch))
                self._trace.append({f"loss_{name}": value for name, value in values.items()} | method.trace())
            self.schedule.step()
        names = [name for name in self._trace[0] if name.startswith("loss_")]
        means = self.runtime.mean({n: sum(row[n] for row in self._trace) / count for n in names})
        self._trained = {"loss": sum(means.values())} | means

    def _train_batch(self, rows: np.ndarray) -> dict[str, float]:
        images = self.augment(self.runtime.put(self.pixels.read(self._train_rows[rows])), self._noise)
        losses, kept = self.step(images, self.runtime.put(rows), self.runtime.put(self._labels[rows]))
        self.optimiser.zero_grad()
        self.runtime.backward(torch.stack(list(losses.values())).sum())
        self.optimiser.step()
        self._bare.method.update({name: self.runtime.gather(part) for name, part in kept.items()})
        values = {name: float(value.detach()) for name, value in losses.items()}
        self._refuse_unless(math.isfinite(sum(values.values())), "the loss is")
        return values

    def _refuse_unless(self, finite: bool | np.bool_, what: str) -> None:
        if not finite:
            raise ReidkitError(
                f"Training has diverged: {what} no longer finite. Start again with a lower learning rate "
                f"(--lr, now {self.config.lr:g}) and another --out."
            )

    def _state(self, epoch: int) -> dict[str, Any]:
        return {
            "epoch": epoch,
            "pixels": self.pixels.path.name,
            "step": self._bare.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "trained": self._trained,
            "trace": self._trace,
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
        self._trained, self._trace = state["trained"], state["trace"]
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
                "cannot_know": cannot_know(self.record.crops),
                "first": rows[0],
                "last": rows[-1],
                "seconds": seconds,
            }
        )


def make_optimiser(step: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Make the optimiser that the options ask for."""
    parameters = [p for p in step.parameters() if p.requires_grad]
    if config.optimiser == "sgd":
        return torch.optim.SGD(
            parameters, lr=config.lr, momentum=0.9, nesterov=True, weight_decay=config.weight_decay
        )
    return torch.optim.Adam(parameters, lr=config.lr, weight_decay=config.weight_decay)

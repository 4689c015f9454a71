"""Weights in and out of an embedder: our safetensors, and the checkpoints of the libraries people use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from reidkit.errors import ReidkitError
from reidkit.models.backbones import BACKBONES
from reidkit.models.embedder import Embedder
from reidkit.models.state_files import examples, read_state

CLASSIFIERS = ("classifier.", "fc.")  # torchreid's and torchvision's; of no use for new people
# Cluster Contrast numbers the layers of its ResNet: stem, four stages; then GeM and neck.
CLUSTER_CONTRAST = {
    "base.0.": "backbone.conv1.",
    "base.1.": "backbone.bn1.",
    "base.4.": "backbone.layer1.",
    "base.5.": "backbone.layer2.",
    "base.6.": "backbone.layer3.",
    "base.7.": "backbone.layer4.",
    "gap.": "pools.global.",
    "feat_bn.": "necks.global.",
}


@dataclass(frozen=True)
class LoadReport:
    """What loading did with each tensor, by name; `str(report)` says it in a line or two.

    `matched` were taken from the file, `copied` are parts' pooling and neck that the file lacks and that
    start as the global view's, `fresh` are left as they were, `classifier` and `unused` are in the file only;
    `unfit` is the neck of a view that has a projection here and none in the file: it measured other numbers.
    """

    source: str
    matched: tuple[str, ...]
    copied: tuple[str, ...]
    fresh: tuple[str, ...]
    classifier: tuple[str, ...]
    unused: tuple[str, ...]
    unfit: tuple[str, ...] = ()

    def __str__(self) -> str:
        notes = {
            "started from the global view's": self.copied,
            "not in the file, left fresh": self.fresh,
            "dropped as a classifier": self.classifier,
            "in the file but not in this model": self.unused,
            "made without this model's projection, dropped": self.unfit,
        }
        parts = [f"{self.source}: {len(self.matched)} tensors matched"]
        parts += [f"{note}: {examples(keys)}" for note, keys in notes.items() if keys]
        return "; ".join(parts)


def save_weights(model: Embedder, path: str | Path) -> Path:
    """Write all weights of `model` to `path` as safetensors, with backbone, views and pooling as metadata.

    The same weights give the same bytes.
    """
    tensors = {key: value.detach().contiguous() for key, value in model.state_dict().items()}
    metadata = {
        "backbone": model.backbone_name,
        "views": ",".join(model.views),
        "pooling": model.pooling,
        "projection": json.dumps(model.projection),
    }
    Path(path).write_bytes(_sort_metadata(save(tensors, metadata=metadata)))
    return Path(path)


def _sort_metadata(file: bytes) -> bytes:
    """Return a safetensors file with its metadata sorted: the library writes them in a random order.

    The format: 8 bytes with the header's length, the header as JSON (padded with blanks to a multiple of 8),
    then the tensors' bytes.
    """
    start = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:start])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + file[start:]


def load_weights(model: Embedder, path: str | Path) -> LoadReport:
    """Load a file into `model`, in place, and report what matched.

    Takes safetensors, and pickles (.pth, .pt, .tar) that hold tensors and plain values only. In them: an
    embedder of ours, the state dict of a backbone alone (torchvision ResNet, torchreid OSNet), or a ResNet of
    Cluster Contrast's; bare or under "state_dict" or "model", with or without "module." in front.
    The backbone must match completely. Raises ReidkitError when it does not, or when the file cannot be read.
    """
    state, metadata = read_state(path)
    if metadata.get("backbone", model.backbone_name) != model.backbone_name:
        raise ReidkitError(
            f"{path} holds weights of {metadata['backbone']}, not of {model.backbone_name}; "
            f"use --backbone {metadata['backbone']}"
        )
    return load_state(model, state, source=str(path))


def load_state(model: Embedder, state: Mapping[str, Tensor], *, source: str) -> LoadReport:
    """Load a state dict already in memory; `source` names it in messages. See `load_weights`."""
    state = _our_names(state)
    unfit = _necks_without_projection(model, state)
    state = {key: value for key, value in state.items() if key not in unfit}
    own = model.state_dict()
    matched = [k for k, v in state.items() if k in own and v.shape == own[k].shape]
    _require_backbone(model, state, matched, source)
    if wrong := [k for k in state if k in own and k not in matched]:
        raise ReidkitError(
            f"{source}: {_shapes(wrong, state, own)}; build the model with the file's views and projection"
        )
    _refuse_lost_projection(model, state, source)
    values = {key: state[key] for key in matched}
    copied = _parts_from_global(model, own, values)
    model.load_state_dict(values | copied, strict=False)
    extra = [key.removeprefix("backbone.") for key in state if key not in own]
    return LoadReport(
        source=source,
        matched=tuple(matched),
        copied=tuple(copied),
        fresh=tuple(k for k in own if k not in values and k not in copied and _counts(k)),
        classifier=tuple(k for k in extra if k.startswith(CLASSIFIERS)),
        unused=tuple(k for k in extra if not k.startswith(CLASSIFIERS)),
        unfit=unfit,
    )


def _our_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename a backbone's state dict, or one of Cluster Contrast's, to an embedder's names."""
    if any(key.startswith("backbone.") for key in state):
        return dict(state)
    if "base.0.weight" not in state:
        return {f"backbone.{key}": value for key, value in state.items()}
    renamed = {}
    for key, value in state.items():
        old = next((old for old in CLUSTER_CONTRAST if key.startswith(old)), "")
        renamed[CLUSTER_CONTRAST.get(old, "") + key.removeprefix(old)] = value
    return renamed


def _counts(key: str) -> bool:
    """Whether a tensor matters: batch norm's count of batches is missing from old files, and harmless."""
    return not key.endswith("num_batches_tracked")


def _parts_from_global(
    model: Embedder, own: Mapping[str, Tensor], values: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Pooling and neck for parts that the file knows nothing about: the global view's, same channels.

    A half's channels behave much like the whole body's; far more so than the fresh mean 0 and variance 1.
    Not behind a head or a projection: there the global view has other numbers.
    """
    if model.has_head or model.projection:
        return {}
    copied: dict[str, Tensor] = {}
    for key in own:
        layer, _, rest = key.partition(".")
        if layer in ("pools", "necks") and key not in values:
            whole = f"{layer}.global.{rest.partition('.')[2]}"
            if whole in values:
                copied[key] = values[whole]
    return copied


def _require_backbone(model: Embedder, state: Mapping[str, Tensor], matched: list[str], source: str) -> None:
    own = model.state_dict()
    needed = [k for k in own if k.startswith("backbone.") and _counts(k)]
    lacking = sorted(set(needed) - set(matched), key=needed.index)
    if not lacking:
        return
    keys = [key.removeprefix("backbone.") for key in state]
    likely = guess_backbone(state)
    hint = f"it looks like {likely}: use --backbone {likely}" if likely else "no backbone here fits"
    misfit = _shapes([k for k in lacking if k in state], state, own)
    raise ReidkitError(
        f"{source}: only {len(needed) - len(lacking)} of {len(needed)} tensors of "
        f"{model.backbone_name} are in it; {hint}. Missing or misfitting: {examples(lacking)}"
        f"{'; ' + misfit if misfit else ''}. The file's own keys: {examples(keys)}"
    )


def _necks_without_projection(model: Embedder, state: Mapping[str, Tensor]) -> tuple[str, ...]:
    """Name the necks that stood behind the bare map in the file, and stand behind a fresh projection here."""
    fresh = [view for view in model.projection if f"projections.{view}.weight" not in state]
    return tuple(key for view in fresh for key in state if key.startswith(f"necks.{view}."))


def _refuse_lost_projection(model: Embedder, state: Mapping[str, Tensor], source: str) -> None:
    """Without its projection a view would be another feature under the same name."""
    dims = {
        key.split(".")[1]: len(state[key])
        for key in state
        if key.startswith("projections.") and key.endswith(".bias")
    }
    if lost := {v: d for v, d in dims.items() if v in model.views and v not in model.projection}:
        layers = examples(f"projections.{view}.bias" for view in lost)
        raise ReidkitError(
            f"{source} holds {layers}: a linear layer that this model lacks; build it with projection={lost}"
        )


def guess_backbone(state: Mapping[str, Tensor]) -> str | None:
    """Name the backbone whose parameters are all in `state`, with their shapes; None when there is none."""
    shapes = {k.removeprefix("backbone."): v.shape for k, v in state.items()}
    for name, known in BACKBONES.items():
        with torch.device("meta"):
            wanted = known.make().state_dict()
        if all(shapes.get(key) == value.shape for key, value in wanted.items() if _counts(key)):
            return name
    return None


def _shapes(keys: list[str], state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> str:
    return ", ".join(
        f"{key} is {tuple(state[key].shape)} where the model has {tuple(own[key].shape)}" for key in keys[:3]
    )

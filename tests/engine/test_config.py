"""Options: the released defaults, the presets, and what is refused."""

from __future__ import annotations

import pytest

from reidkit.engine.config import PRESETS, TrainConfig, make_config
from reidkit.errors import ReidkitError

# alibaba/cluster-contrast-reid at 57b62e9: examples/cluster_contrast_train_usl.py (argparse defaults) and the
# commands of its README (momentum 0.1, 16 instances, eps 0.6). 256 = 16 clusters x 16 crops on 4 GPUs: batch
# norm over 64.
RELEASED = {
    "backbone": "resnet50", "init": "imagenet", "pooling": "gem", "epochs": 50, "iters": 200, "clusters": 16,
    "instances": 16, "use_cameras": True, "lr": 0.00035, "weight_decay": 5e-4, "lr_step": 20, "bn_images": 64,
    "k1": 30, "k2": 6, "eps": 0.6, "min_samples": 4, "temperature": 0.05, "momentum": 0.1, "eval_every": 10,
    "seed": 1, "mixed_precision": "no", "method": "cluster-contrast", "add": [], "settings": {},
    "augment": "full", "optimiser": "adam",
}  # fmt: skip


def test_the_paper_preset_is_what_was_released() -> None:
    assert make_config("paper").as_dict() == RELEASED | {
        "height": None, "width": None, "device": "auto", "labels": None, "labels_hold": 1,
    }  # fmt: skip
    assert make_config("paper") == TrainConfig()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_makes_options(preset: str) -> None:
    assert make_config(preset, {"epochs": 3, "lr": None}).epochs == 3


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"epochs": 0}, "epochs = 0: it must be at least 1"),
        ({"iters": 0}, "iters = 0: it must be at least 1. Leave it out"),
        ({"clusters": 1}, "clusters = 1: it must be at least 2.*nothing to contrast"),
        ({"height": 8}, "height = 8: it must be at least 16"),
        ({"bn_images": 1}, "bn_images = 1"),
        ({"k1": 0}, "k1 = 0"),
        ({"seed": -1}, "seed = -1"),
        ({"lr": 0.0}, "lr = 0.0: it must be above 0"),
        ({"lr": float("nan")}, "lr = nan"),
        ({"temperature": 0.0}, "temperature"),
        ({"eps": 1.5}, "eps = 1.5: it must be at most 1"),
        ({"momentum": 1.1}, "momentum = 1.1"),
        ({"epoch": 3}, "Unknown option 'epoch'; there are .*epochs"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, float], complaint: str) -> None:
    with pytest.raises(ReidkitError, match=complaint):
        make_config("laptop", options)


def test_an_unknown_preset_names_the_known() -> None:
    with pytest.raises(ReidkitError, match="Unknown preset 'fast'; there are paper, laptop, towns"):
        make_config("fast")

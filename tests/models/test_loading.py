"""Weights in and out: what fits, what is reported, what is refused and in which words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import torchvision
from safetensors.torch import save_file
from torch import Tensor, nn

from reidkit.errors import ReidkitError
from reidkit.models import GeM, build_model, load_weights, save_weights
from reidkit.models.backbones import BACKBONES
from reidkit.models.embedder import Embedder

HALVES = ("global", "upper", "lower")


def crops(height: int = 128, width: int = 64) -> Tensor:
    return torch.randn(3, 3, height, width, generator=torch.Generator().manual_seed(0))


def unit(model: Embedder, images: Tensor, view: str = "global") -> Tensor:
    with torch.inference_mode():
        return model.eval()(images)[view].unit


def trained_a_little(model: Embedder) -> Embedder:
    """Move every buffer and parameter off its starting value."""
    generator = torch.Generator().manual_seed(1)
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.add_(0.05 * torch.rand(value.shape, generator=generator))
    return model


@pytest.mark.parametrize("bn_images", [None, 4])
def test_round_trip(tmp_path: Path, bn_images: int | None) -> None:
    model = trained_a_little(build_model("tiny", init="random", views=HALVES, bn_images=bn_images))
    path = save_weights(model, tmp_path / "model.safetensors")
    again = build_model("tiny", init=path, views=HALVES, seed=9)
    for key, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[key], value), key
    report = again.load_report
    assert report is not None
    assert len(report.matched) == len(model.state_dict())
    assert report.fresh + report.copied + report.unused + report.classifier == ()
    assert torch.equal(unit(again, crops()), unit(model, crops()))


def test_parts_the_file_lacks_start_as_the_global_view(tmp_path: Path) -> None:
    model = trained_a_little(build_model("tiny", init="random"))
    path = save_weights(model, tmp_path / "model.safetensors")
    parts = build_model("tiny", init=path, views=HALVES)
    assert torch.equal(parts.pools["upper"].p, model.pools["global"].p)
    assert torch.equal(parts.necks["lower"].running_var, model.necks["global"].running_var)
    assert parts.load_report is not None
    assert "started from the global view's: pools.upper.p" in str(parts.load_report)
    fewer = build_model("tiny", init=save_weights(parts, tmp_path / "parts.safetensors"))
    assert fewer.load_report is not None
    assert "pools.upper.p" in fewer.load_report.unused
    assert torch.equal(unit(fewer, crops()), unit(model, crops()))


@pytest.mark.parametrize(("wrapped", "prefix"), [(None, ""), ("state_dict", "module."), ("model", "")])
def test_torchvision_resnet_in_a_pickle(tmp_path: Path, wrapped: str | None, prefix: str) -> None:
    state = {prefix + k: v for k, v in torchvision.models.resnet18().state_dict().items()}
    path = tmp_path / "resnet.pth"
    torch.save({wrapped: state, "epoch": 3} if wrapped else state, path)
    model = build_model("resnet18", init=path)
    assert torch.equal(model.backbone.conv1.weight, state[f"{prefix}conv1.weight"])
    assert model.load_report is not None
    assert model.load_report.classifier == ("fc.weight", "fc.bias")
    assert not model.load_report.unused


def test_cluster_contrast_checkpoint_gives_its_feature(tmp_path: Path) -> None:
    resnet = torchvision.models.resnet18()
    resnet.layer4[0].conv1.stride = resnet.layer4[0].downsample[0].stride = (1, 1)
    stem = (resnet.conv1, resnet.bn1, resnet.relu, resnet.maxpool)
    theirs = nn.Module()
    theirs.base = nn.Sequential(*stem, resnet.layer1, resnet.layer2, resnet.layer3, resnet.layer4)
    theirs.gap = GeM(p=2.5)
    theirs.feat_bn = nn.BatchNorm1d(512)
    theirs.feat_bn.running_mean.uniform_(0, 1)
    path = tmp_path / "model_best.pth.tar"
    torch.save({"state_dict": {f"module.{k}": v for k, v in theirs.state_dict().items()}}, path)
    ours = build_model("resnet18", init=path)
    with torch.inference_mode():
        theirs.eval()
        feature = F.normalize(theirs.feat_bn(theirs.gap(theirs.base(crops()))))
    torch.testing.assert_close(unit(ours, crops()), feature)
    assert ours.load_report is not None
    assert not ours.load_report.fresh


def test_wrong_backbone_names_the_right_one(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(torchvision.models.resnet18().state_dict(), path)
    message = r"weights.pth: only \d+ of \d+ tensors of resnet50.*--backbone resnet18.*own keys: conv1.weight"
    with pytest.raises(ReidkitError, match=message):
        build_model("resnet50", init=path)
    ours = save_weights(build_model("tiny", init="random"), tmp_path / "tiny.safetensors")
    with pytest.raises(ReidkitError, match="holds weights of tiny, not of resnet18"):
        build_model("resnet18", init=ours)


def test_a_file_of_something_else_is_no_match(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"encoder.weight": torch.zeros(3)}, path)
    with pytest.raises(ReidkitError, match=r"0 of 65.*no backbone here fits.*encoder.weight"):
        build_model("tiny", init=path)


def test_a_neck_of_another_size_is_named(tmp_path: Path) -> None:
    model = build_model("tiny", init="random", projection={"global": 32})
    path = save_weights(model, tmp_path / "model.safetensors")
    with pytest.raises(ReidkitError, match=r"necks.global.\w+ is \(32,\) where the model has \(256,\)"):
        build_model("tiny", init=path)


def test_a_projection_is_not_dropped(tmp_path: Path) -> None:
    model = build_model("tiny", init="random", projection={"global": 256})
    path = save_weights(model, tmp_path / "model.safetensors")
    with pytest.raises(ReidkitError, match=r"projections.global.bias.*projection=\{'global': 256\}"):
        build_model("tiny", init=path)
    again = build_model("tiny", init=path, projection={"global": 256}, seed=5)
    assert torch.equal(unit(again, crops()), unit(model, crops()))


@pytest.mark.parametrize("dim", [256, 64])
def test_a_neck_made_without_the_projection_is_dropped(tmp_path: Path, dim: int) -> None:
    """It measured other numbers, also where there are as many of them."""
    path = save_weights(trained_a_little(build_model("tiny", init="random")), tmp_path / "model.safetensors")
    model = build_model("tiny", init=path, projection={"global": dim})
    assert model.necks["global"].running_mean.tolist() == [0] * dim
    report = model.load_report
    assert report is not None
    assert {key.split(".")[0] for key in report.unfit} == {"necks"}
    assert "made without this model's projection, dropped: necks.global" in str(report)
    again = build_model("tiny", init=save_weights(model, path), projection={"global": dim}, seed=5)
    assert again.load_report is not None
    assert again.load_report.unfit == ()


class Greeting:
    """Not a tensor: unpickling it needs this class."""


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    model = build_model("tiny", init="random")
    unsafe, broken, short, empty = (tmp_path / n for n in ("a.pth", "b.pt", "c.safetensors", "d.pth"))
    torch.save({"state_dict": {}, "by": Greeting()}, unsafe)
    with pytest.raises(ReidkitError, match=r"a.pth is damaged, or a pickle.*not opened.*re-save"):
        load_weights(model, unsafe)
    broken.write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(ReidkitError, match=r"b.pt cannot be read"):
        load_weights(model, broken)
    short.write_bytes(b"\x10")
    with pytest.raises(ReidkitError, match=r"c.safetensors cannot be read as safetensors"):
        load_weights(model, short)
    torch.save({"epoch": 3}, empty)
    with pytest.raises(ReidkitError, match=r"d.pth holds no tensors; its keys: epoch"):
        load_weights(model, empty)
    torch.save([1, 2], empty)
    with pytest.raises(ReidkitError, match=r"d.pth holds a list"):
        load_weights(model, empty)
    with pytest.raises(ReidkitError, match=r"no weights file .*gone.pth"):
        load_weights(model, tmp_path / "gone.pth")


def test_a_fresh_osnet_gives_the_unit_vector_of_its_own_head(tmp_path: Path) -> None:
    network = BACKBONES["osnet_x0_25"].make().eval()
    state = dict(network.state_dict()) | {"classifier.weight": torch.zeros(9, 512)}
    torch.save(state, tmp_path / "osnet.pth")
    model = build_model("osnet_x0_25", init=tmp_path / "osnet.pth", views=HALVES)
    with torch.inference_mode():
        feature = network.fc(network(crops()).mean((2, 3)))
    torch.testing.assert_close(unit(model, crops()), F.normalize(feature), rtol=1e-4, atol=1e-5)
    assert model.dims == {"global": 512, "upper": 128, "lower": 128}
    assert model.load_report is not None
    assert model.load_report.classifier == ("classifier.weight",)


def real_file(name: str) -> Path:
    folder = os.environ.get("REIDKIT_REAL")
    if not folder:
        pytest.skip("REIDKIT_REAL is not set: the folder with real weights to try")
    return Path(folder) / name


def test_torchreids_own_checkpoint_loads_to_the_key() -> None:
    path = real_file("weights/osnet_x0_25_msmt17.pth")
    theirs = torch.load(path, weights_only=True, map_location="cpu")
    network = BACKBONES["osnet_x0_25"].make()
    shapes = {k: v.shape for k, v in network.state_dict().items()}
    assert shapes == {k: v.shape for k, v in theirs.items() if not k.startswith("classifier.")}
    model = build_model("osnet_x0_25", init=path)
    images = crops(256, 128)
    expected = F.normalize(osnet_by_hand(theirs, images))
    torch.testing.assert_close(unit(model, images), expected, rtol=1e-3, atol=1e-5)


def osnet_by_hand(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """OSNet's forward pass as plain formulas on a state dict, in eval mode; the paper's figures 3 to 5."""

    def norm(name: str, x: Tensor) -> Tensor:
        mean, var, weight, bias = (
            state[f"{name}.{k}"] for k in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, var, weight, bias)

    def conv(name: str, x: Tensor, **options: int) -> Tensor:
        return norm(f"{name}.bn", F.conv2d(x, state[f"{name}.conv.weight"], **options))

    def light(name: str, x: Tensor) -> Tensor:
        x = F.conv2d(x, state[f"{name}.conv1.weight"])
        x = F.conv2d(x, state[f"{name}.conv2.weight"], padding=1, groups=x.shape[1])
        return norm(f"{name}.bn", x).relu()

    def gate(name: str, x: Tensor) -> Tensor:
        squeezed = x.mean((2, 3), keepdim=True)
        squeezed = F.conv2d(squeezed, state[f"{name}.fc1.weight"], state[f"{name}.fc1.bias"]).relu()
        return x * F.conv2d(squeezed, state[f"{name}.fc2.weight"], state[f"{name}.fc2.bias"]).sigmoid()

    def block(name: str, x: Tensor) -> Tensor:
        start = conv(f"{name}.conv1", x).relu()
        total = gate(f"{name}.gate", light(f"{name}.conv2a", start))
        for stream, depth in (("b", 2), ("c", 3), ("d", 4)):
            y = start
            for i in range(depth):
                y = light(f"{name}.conv2{stream}.{i}", y)
            total = total + gate(f"{name}.gate", y)
        short = conv(f"{name}.downsample", x) if f"{name}.downsample.conv.weight" in state else x
        return (conv(f"{name}.conv3", total) + short).relu()

    x = F.max_pool2d(conv("conv1", x, stride=2, padding=3).relu(), 3, stride=2, padding=1)
    for stage in ("conv2", "conv3"):
        x = block(f"{stage}.1", block(f"{stage}.0", x))
        x = F.avg_pool2d(conv(f"{stage}.2.0", x).relu(), 2)
    x = conv("conv5", block("conv4.1", block("conv4.0", x))).relu()
    return norm("fc.1", F.linear(x.mean((2, 3)), state["fc.0.weight"], state["fc.0.bias"])).relu()

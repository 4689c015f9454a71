"""The backbones: maps, names, sizes, and the published parameter counts."""

from __future__ import annotations

from urllib.error import URLError

import pytest
import torch
import torchvision

from reidkit.errors import ReidkitError
from reidkit.models import BACKBONES, build_model
from reidkit.models.osnet import OSNet

CHANNELS = {
    "tiny": 256,
    "resnet18": 512,
    "resnet50": 2048,
    "osnet_x0_25": 128,
    "osnet_x0_5": 256,
    "osnet_x0_75": 384,
    "osnet_x1_0": 512,
}


@pytest.mark.parametrize("name", CHANNELS)
def test_map_has_one_cell_for_16_pixels(name: str) -> None:
    assert set(CHANNELS) == set(BACKBONES)
    known = BACKBONES[name]
    network = known.make().eval()
    with torch.inference_mode():
        feature_map = network(torch.zeros(2, 3, known.height, known.width))
    assert feature_map.shape == (2, CHANNELS[name], known.height // 16, known.width // 16)
    assert network.channels == CHANNELS[name]
    assert feature_map.min() >= 0  # GeM needs it


@pytest.mark.parametrize(
    ("width", "count", "published"),
    # torchreid's model zoo gives 2.2, 1.3, 0.6 and 0.2 million (the counts are its own, classifier aside)
    [(1.0, 2_169_508, 2.2), (0.75, 1_285_754, 1.3), (0.5, 630_034, 0.6), (0.25, 201_864, 0.2)],
)
def test_osnet_has_the_published_number_of_parameters(width: float, count: int, published: float) -> None:
    parameters = sum(p.numel() for p in OSNet(width=width).parameters())
    assert parameters == count
    assert round(parameters / 1e6, 1) == published


def test_tiny_weighs_less_than_2_megabytes() -> None:
    state = build_model("tiny", init="random").state_dict()
    assert sum(v.numel() * v.element_size() for v in state.values()) < 2_000_000


def test_resnet_is_torchvisions_up_to_the_last_stage() -> None:
    theirs = torchvision.models.resnet50().eval()
    ours = BACKBONES["resnet50"].make().eval()
    state = {k: v for k, v in theirs.state_dict().items() if not k.startswith("fc.")}
    ours.load_state_dict(state)  # strict: the same names
    images = torch.randn(1, 3, 64, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        stem = theirs.maxpool(theirs.relu(theirs.bn1(theirs.conv1(images))))
        before = theirs.layer3(theirs.layer2(theirs.layer1(stem)))
        expected = theirs.layer4(before)
        # Stride 1 in the last stage: its first block's input is not thinned out.
        assert ours(images).shape[2:] == before.shape[2:]
        ours.layer4[0].conv2.stride = ours.layer4[0].downsample[0].stride = (2, 2)
        torch.testing.assert_close(ours(images), expected)


def test_random_weights_follow_the_seed_and_leave_the_global_state_alone() -> None:
    before = torch.random.get_rng_state()
    first, again, other = (build_model("tiny", init="random", seed=s) for s in (3, 3, 4))
    assert torch.equal(torch.random.get_rng_state(), before)
    weights = [m.backbone.stem[0][0].weight for m in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_imagenet_weights_are_torchvisions(monkeypatch: pytest.MonkeyPatch) -> None:
    published = torchvision.models.resnet18().state_dict()
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda *a, **k: published)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", lambda *a, **k: published)
    model = build_model("resnet18", init="imagenet")
    torch.testing.assert_close(model.backbone.layer4[1].conv2.weight, published["layer4.1.conv2.weight"])
    assert model.load_report is not None
    assert model.load_report.classifier == ("fc.weight", "fc.bias")


def test_imagenet_without_a_network_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    with pytest.raises(ReidkitError, match=r"resnet50.*no route to host.*--init FILE.*--init random"):
        build_model("resnet50", init="imagenet")


def test_names_that_are_not_known() -> None:
    with pytest.raises(ReidkitError, match=r"backbone='vgg'.*tiny, resnet18, resnet50, osnet_x0_25"):
        build_model("vgg")
    with pytest.raises(ReidkitError, match=r"init='imagnet'.*imagenet, tiny, random"):
        build_model("tiny", init="imagnet")
    with pytest.raises(ReidkitError, match=r"no ImageNet .* for osnet_x0_5, only for resnet18, resnet50"):
        build_model("osnet_x0_5", init="imagenet")
    with pytest.raises(ReidkitError, match="init='tiny' is for the tiny backbone, not for resnet18"):
        build_model("resnet18", init="tiny")


def test_ghost_norm_reaches_every_norm_and_changes_training_only() -> None:
    images = torch.randn(8, 3, 128, 64, generator=torch.Generator().manual_seed(0))
    plain, ghost = (build_model("tiny", init="random", bn_images=n) for n in (None, 4))
    norms = [m for m in ghost.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    assert [m.num_images for m in norms] == [4] * len(norms)
    assert len(norms) == 14
    halves = torch.cat([plain(half)["global"].normed for half in images.split(4)])
    torch.testing.assert_close(ghost(images)["global"].normed, halves, rtol=1e-3, atol=1e-4)

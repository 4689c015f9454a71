"""Ghost batch norm against an explicit plain batch norm for every chunk."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from reidkit.errors import ReidkitError
from reidkit.models.ghost_norm import GhostBatchNorm1d, GhostBatchNorm2d, chunk_sizes, convert_to_ghost


def random_images(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double() * 3 + 1


def plain_norm(dims: int) -> nn.BatchNorm1d | nn.BatchNorm2d:
    norm = (nn.BatchNorm1d if dims == 1 else nn.BatchNorm2d)(5).double()
    nn.init.uniform_(norm.weight, 0.5, 2.0)
    nn.init.uniform_(norm.bias, -1.0, 1.0)
    return norm


@given(batch=st.integers(2, 300), num_images=st.integers(2, 80))
def test_chunks_cover_the_batch_and_none_is_a_single_image(batch: int, num_images: int) -> None:
    sizes = chunk_sizes(batch, num_images)
    assert sum(sizes) == batch
    assert min(sizes) >= 2
    assert max(sizes) <= num_images + 1
    assert len(sizes) == max(1, batch // num_images + (batch % num_images > 1))


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize(("batch", "sizes"), [(8, [4, 4]), (11, [4, 4, 3]), (9, [4, 5])])
def test_like_one_plain_norm_for_each_chunk(dims: int, batch: int, sizes: list[int]) -> None:
    shape = (batch, 5) if dims == 1 else (batch, 5, 3, 2)
    plain = plain_norm(dims)
    ghost = convert_to_ghost(copy.deepcopy(plain), 4)
    ours, theirs = (random_images(*shape).requires_grad_() for _ in range(2))
    target = random_images(*shape, seed=1)

    replicas = [copy.deepcopy(plain) for _ in sizes]  # the GPUs of a DataParallel
    expected = torch.cat([r(part) for r, part in zip(replicas, theirs.split(sizes), strict=True)])
    ((expected - target) ** 2).sum().backward()
    got = ghost(ours)
    ((got - target) ** 2).sum().backward()

    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(ours.grad, theirs.grad)
    torch.testing.assert_close(ghost.weight.grad, sum(r.weight.grad for r in replicas))
    torch.testing.assert_close(ghost.bias.grad, sum(r.bias.grad for r in replicas))
    for buffer in ("running_mean", "running_var"):  # the average of the replicas'
        average = sum(n / batch * getattr(r, buffer) for n, r in zip(sizes, replicas, strict=True))
        torch.testing.assert_close(getattr(ghost, buffer), average)
    assert ghost.num_batches_tracked == 1


def test_running_statistics_of_a_plain_average() -> None:
    ghost = GhostBatchNorm1d(3, momentum=None).double()
    ghost.num_images = 2
    batches = [random_images(6, 3, seed=s) for s in range(3)]
    for batch in batches:
        ghost(batch)
    torch.testing.assert_close(ghost.running_mean, torch.cat(batches).mean(0))


@pytest.mark.parametrize("dims", [1, 2])
@settings(max_examples=10)
@given(batch=st.integers(2, 6))
def test_a_batch_that_fits_one_chunk_is_plain_batch_norm_to_the_bit(dims: int, batch: int) -> None:
    images = random_images(*((batch, 5) if dims == 1 else (batch, 5, 3, 2)))
    plain = plain_norm(dims)
    ghost = convert_to_ghost(copy.deepcopy(plain), 6)
    assert torch.equal(ghost(images), plain(images))
    assert torch.equal(ghost.running_var, plain.running_var)


def test_eval_mode_is_plain_batch_norm_to_the_bit() -> None:
    images = random_images(12, 5, 3, 2)
    plain = plain_norm(2)
    plain.running_mean.uniform_()
    ghost = convert_to_ghost(copy.deepcopy(plain).eval(), 4)
    assert not ghost.training
    assert torch.equal(ghost(images), plain.eval()(images))


def test_half_precision_images_keep_float32_statistics() -> None:
    ghost = GhostBatchNorm2d(5)
    ghost.num_images = 4
    images = random_images(8, 5, 6, 6).to(torch.bfloat16)
    assert ghost(images).dtype == torch.bfloat16
    assert ghost.running_mean.dtype == torch.float32
    expected = 0.1 * images.float().mean(dim=(0, 2, 3))
    torch.testing.assert_close(ghost.running_mean, expected, rtol=1e-3, atol=1e-4)


def test_conversion_keeps_everything_but_the_chunks() -> None:
    net = nn.Sequential(nn.Conv2d(3, 5, 1), nn.BatchNorm2d(5), nn.Flatten(), nn.BatchNorm1d(20))
    net[3].bias.requires_grad_(False)
    before = copy.deepcopy(net.state_dict())
    parameters = list(net.parameters())
    assert convert_to_ghost(net, 8) is net
    assert isinstance(net[1], GhostBatchNorm2d)
    assert isinstance(net[3], GhostBatchNorm1d)
    assert list(net.state_dict()) == list(before)
    assert all(new is old for new, old in zip(net.parameters(), parameters, strict=True))
    assert not net[3].bias.requires_grad
    assert "num_images=8" in repr(net)
    convert_to_ghost(net, 16)
    assert net[1].num_images == 16


def test_one_image_has_no_statistics() -> None:
    with pytest.raises(ReidkitError, match="bn_images=1"):
        convert_to_ghost(nn.BatchNorm1d(3), 1)

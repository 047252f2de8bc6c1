"""Low rank: layers become the nearest products of two thin ones, and the knob changes what is executed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dmo.errors import ArgumentError
from problems.deployment import engines
from problems.deployment.elastic.rank import factorise
from problems.deployment.elastic.shape import Elastic, Shape
from problems.deployment.networks.atrous import Atrous
from problems.deployment.networks.resnet import ResNet
from problems.deployment.plan import build
from problems.deployment.space import StrategySpace
from problems.deployment.strategy import Strategy

SHAPE = Shape((16, 32, 64), (1, 1, 1), 16)


def macs(module, side=16, channels=1):
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        module.eval()(torch.zeros(1, channels, side, side))
    return counted.get_total_flops() / 2


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(24, 40, 3, 2, 1), nn.Conv2d(24, 40, 1, bias=False), nn.Conv2d(16, 16, 3, 1, 2, dilation=2)],
    ids=str,
)
def test_the_product_is_the_nearest_of_its_rank(layer):
    """Eckart and Young: the squared error is the sum of the squared singular values left out."""
    thin, wide = factorise(nn.Sequential(layer), 50)[0]
    rank = thin.out_channels
    weight, outputs = layer.weight.detach(), layer.out_channels
    product = torch.einsum("or,rikl->oikl", wide.weight.detach()[:, :, 0, 0], thin.weight.detach())
    left = torch.linalg.svdvals(weight.reshape(outputs, -1))[rank:]
    assert torch.isclose(((product - weight) ** 2).sum(), (left**2).sum(), rtol=1e-3, atol=1e-6)
    x = torch.randn(2, layer.in_channels, 9, 9, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        exact = nn.functional.conv2d(x, product, layer.bias, layer.stride, layer.padding, layer.dilation)
        torch.testing.assert_close(nn.Sequential(thin, wide)(x), exact, rtol=1e-3, atol=1e-4)
    side = 8
    assert macs(nn.Sequential(thin, wide), side, layer.in_channels) <= 0.5 * macs(
        nn.Sequential(layer), side, layer.in_channels
    )


def test_a_linear_layer_and_what_stays():
    module = nn.Sequential(nn.Linear(32, 64), nn.Linear(64, 10), nn.Linear(64, 10))
    made = factorise(module, 40)
    assert isinstance(made[0], nn.Sequential)
    assert isinstance(made[1], nn.Linear)  # the classifier
    assert isinstance(module[0], nn.Linear)  # the module itself is left as it is
    assert factorise(module, 100) is module
    for wrong in (0, 101):
        with pytest.raises(ArgumentError, match="rank"):
            factorise(module, wrong)


def test_each_level_multiplies_its_share_and_comes_nearer(tmp_path):
    torch.manual_seed(0)
    module = ResNet(SHAPE.width, SHAPE.depth).eval()
    x = torch.randn(4, 1, 16, 16)
    with torch.no_grad():
        whole = module(x)
        errors = [float((factorise(module, p).eval()(x) - whole).square().mean()) for p in (25, 50, 90)]
    assert errors == sorted(errors, reverse=True)
    work = [macs(factorise(module, p)) for p in (25, 50, 75, 100)]
    assert work == sorted(set(work))
    thin = factorise(module, 50)
    session = engines.load(build(Strategy(SHAPE, rank=50), thin, x.numpy(), tmp_path))
    with torch.no_grad():
        np.testing.assert_allclose(session(x.numpy()), thin.eval()(x).numpy(), rtol=1e-4, atol=1e-4)


def test_filters_of_thin_layers_are_spread_too():
    torch.manual_seed(0)
    build_, x = Atrous(ResNet, side=8), torch.randn(1, 1, 16, 16)
    thin = factorise(build_((16,), (1,)).eval(), 50)
    thin(x)
    kernels = [m for m in thin.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3)]
    assert {m.dilation for m in kernels} == {(2, 2)}


def test_rank_is_a_knob_where_asked_for():
    elastic = Elastic(((4,),), ((1,),), (8,))
    plain, ranked = StrategySpace(elastic), StrategySpace(elastic, ranks=[50, 75, 100])
    assert ranked.count() == 3 * plain.count()
    strategy = replace(ranked.full, rank=50)
    assert ranked.decode(ranked.encode(strategy)) == strategy
    assert "rank 50 %" in str(strategy)
    assert Strategy.from_dict(strategy.to_dict()) == strategy
    assert plain.full.key == ranked.full.key  # tables that ship keep their keys
    with pytest.raises(ArgumentError, match="ranks"):
        StrategySpace(elastic, ranks=(50, 75))

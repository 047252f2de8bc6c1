"""Networks that nothing was written for become elastic in width, and compute what they should."""

import numpy as np
import pytest
import torch
from strangers import EfficientNet, RegNet, ShuffleNet
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.flop_counter import FlopCounterMode

from dmo.errors import ArgumentError
from problems.deployment import engines
from problems.deployment.cost import CostTable, cost
from problems.deployment.elastic.sharing import corners
from problems.deployment.elastic.trace import Traced, traced
from problems.deployment.elastic.training import Recipe, initial, train
from problems.deployment.images import Images, shipped_slice
from problems.deployment.plan import build as build_plan
from problems.deployment.strategy import Strategy

SIDE = 16


@pytest.fixture(scope="module", params=[RegNet, ShuffleNet, EfficientNet], ids=lambda c: c.__name__)
def stranger(request):
    torch.manual_seed(0)
    module = request.param()
    for m in module.modules():
        if isinstance(m, _BatchNorm):  # statistics that matter
            m.running_mean.normal_()
            m.running_var.uniform_(0.5, 2.0)
            nn.init.normal_(m.bias)
    return module.eval()


@pytest.fixture(scope="module")
def build(stranger):
    return Traced(stranger, SIDE)


@pytest.fixture(scope="module")
def images():
    return torch.randn(4, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def widths(build):
    rng = np.random.default_rng(0)
    mixed = [tuple(int(w) for w in rng.choice([30, 60, 100], build.stages)) for _ in range(2)]
    return [(1,) * build.stages, (50,) * build.stages, *mixed]


def test_at_full_width_it_is_the_network_bit_by_bit(stranger, build, images):
    with torch.inference_mode():
        assert torch.equal(build((100,) * build.stages).eval()(images), stranger(images))
    whole = dict(stranger.named_parameters())
    assert all(torch.equal(p, whole[n]) for n, p in build((100,) * build.stages).named_parameters())


def test_slicing_is_cutting_what_dropped_channels_contribute(stranger, build, images):
    """In the whole network every weight that reads a dropped channel is set to zero: the same output."""
    for width in widths(build):
        small = build(width).eval()
        masked = Traced(stranger, SIDE)((100,) * build.stages).eval()
        for name, places in small.kept.items():
            if len(places) == 2:
                weight = masked.get_parameter(name)
                dropped = torch.ones(weight.shape[1], dtype=bool)
                dropped[places[1]] = False
                weight.data[:, dropped] = 0.0
        with torch.inference_mode():
            torch.testing.assert_close(small(images), masked(images), rtol=1e-4, atol=1e-5)


def test_every_width_runs_and_keeps_its_share(build, images):
    whole = sum(p.numel() for p in build((100,) * build.stages).parameters())
    before = 0
    for width in (1, 25, 50, 75, 100):
        small = build((width,) * build.stages).eval()
        with torch.inference_mode():
            assert small(images).shape == (4, 10)
        size = sum(p.numel() for p in small.parameters())
        assert before < size <= whole
        before = size
        if width == 50:
            assert size < 0.5 * whole
            convolutions = [m for m in small.modules() if isinstance(m, nn.Conv2d)]
            assert all(m.weight.shape[0] == m.out_channels for m in convolutions)
            assert all(m.weight.shape[1] * m.groups == m.in_channels for m in convolutions)


def test_the_most_important_channels_stay_and_narrower_networks_are_parts_of_wider_ones(build):
    narrow, wide = (build((w,) * build.stages).kept for w in (25, 75))
    for name, places in narrow.items():
        for a, b in zip(places, wide[name], strict=True):
            assert set(a.tolist()) <= set(b.tolist())


def test_importance_is_the_sum_of_absolute_weights():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)
    )
    kept = Traced(module, 8)((50,)).kept["0.weight"][0]
    order = module[0].weight.abs().sum((1, 2, 3)).argsort(descending=True)
    assert set(kept.tolist()) == set(order[:4].tolist())


def test_costs_and_engine_take_it_as_any_other(stranger, build, tmp_path, images):
    network = traced("stranger", stranger, (SIDE,), (50, 100))
    table = CostTable.of(network.module, network.elastic)
    for shape in (network.elastic.smallest, network.elastic.largest):
        module = shape.build(network.module).eval()
        with FlopCounterMode(display=False) as counted, torch.no_grad():
            module(images[:1])
        assert cost(network.module, shape).macs == counted.get_total_flops() / 2
    assert table.values[:, 0].max() == cost(network.module, network.elastic.largest).macs
    module = network.elastic.smallest.build(network.module).eval()
    with torch.inference_mode():
        wanted = module(images).numpy()
    session = engines.load(build_plan(Strategy(network.elastic.smallest), module, images.numpy(), tmp_path))
    np.testing.assert_allclose(session(images.numpy()), wanted, rtol=1e-4, atol=1e-5)


def test_fine_tuning_starts_from_its_own_weights_and_reaches_all_widths(stranger, tmp_path):
    network = traced("stranger", stranger, (SIDE,))
    before = initial(network.module, network.elastic)
    own = dict(stranger.named_parameters())
    assert all(torch.equal(p, own[name]) for name, p in before.items())
    some = shipped_slice()
    recipe = Recipe(epochs=1, batch=50, lr=0.01, images=100, bf16=False)
    images = Images(some.pixels[:100], some.labels[:100])
    weights = train(network.module, network.elastic, images, recipe, 0, tmp_path / "c.pt", lambda *_: None)
    assert any(not torch.equal(p, before[name]) for name, p in weights.items())
    small = network.subnet(weights, network.elastic.smallest)
    for name, view in corners(weights, small).items():
        assert torch.equal(view, small.get_parameter(name))


class Forks(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Rolls(nn.Module):
    """An operation that is not known: what it touches keeps its channels."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.head = nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3), nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.b(torch.roll(self.a(x), 1, dims=1)).mean((2, 3)))


def test_what_is_not_known_keeps_its_channels():
    small = Traced(Rolls(), 8)((25,))
    assert small.a.out_channels == 8
    assert small.b.out_channels == 2


@pytest.mark.parametrize("module", [Forks(), nn.Sequential(nn.Flatten(), nn.Linear(64, 3))])
def test_a_module_that_cannot_be_made_elastic_is_named(module):
    with pytest.raises(ArgumentError, match="module"):
        Traced(module, 8)


def test_widths_are_checked(build):
    with pytest.raises(ArgumentError, match="width"):
        build((0,) * build.stages)
    with pytest.raises(ArgumentError, match="width"):
        traced("n", RegNet(), (SIDE,), (25, 50))


def test_a_configuration_names_a_class_and_draws_its_weights_by_seed():
    from experiments.entry import build as built

    node = {
        "_target_": "problems.deployment.elastic.trace.traced",
        "name": "mine",
        "module": {"_target_": "hydra.utils.get_class", "path": "strangers.RegNet"},
        "resolution": [SIDE],
    }
    first, second, other = (built({**node, "seed": seed}) for seed in (0, 0, 1))
    assert first.elastic.width == ((25, 50, 75, 100),) * 2
    weights = [initial(n.module, n.elastic)["head.weight"] for n in (first, second, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])

"""Every network is one family: its subnets share corners, cost what torch counts, and leave early alike."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from torch.utils.flop_counter import FlopCounterMode

from dmo.errors import ArgumentError
from experiments.entry import CONF, build
from problems.deployment import engines
from problems.deployment.cost import CostTable, cost
from problems.deployment.elastic.augment import seen
from problems.deployment.elastic.shape import Elastic
from problems.deployment.elastic.sharing import materialise
from problems.deployment.elastic.training import Recipe, initial, train
from problems.deployment.images import Images, shipped_slice
from problems.deployment.networks.atrous import Atrous
from problems.deployment.networks.resnet import ResNet
from problems.deployment.networks.vgg import VGG
from problems.deployment.plan import build as build_plan
from problems.deployment.space import StrategySpace
from problems.deployment.strategy import Strategy

NAMES = sorted(
    file.stem for file in (CONF / "network").glob("*.yaml") if file.stem != "onnx"
)  # a file of the user has one size


@pytest.fixture(scope="module", params=NAMES)
def network(request):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return build(compose("train", [f"network={request.param}"]).network)


def shapes(elastic, n=3):
    rng = np.random.default_rng(1)
    return [elastic.largest, elastic.smallest, *(elastic.sample(rng) for _ in range(n))]


def test_multiply_adds_are_what_torch_counts(network):
    for shape in shapes(network.elastic):
        module = shape.build(network.module).eval()
        with FlopCounterMode(display=False) as counted, torch.no_grad():
            module(torch.zeros(1, 1, shape.resolution, shape.resolution))
        assert cost(network.module, shape).macs == counted.get_total_flops() / 2


def test_every_size_is_made_of_corners_and_gives_logits(network):
    weights = initial(network.module, network.elastic)
    for shape in shapes(network.elastic, 5):
        module = materialise(weights, shape.build(network.module)).eval()
        for name, p in module.named_parameters():
            assert torch.equal(p, weights[name][tuple(slice(0, n) for n in p.shape)])
        with torch.inference_mode():
            assert module(torch.zeros(2, 1, shape.resolution, shape.resolution)).shape == (2, 10)


def test_the_engine_computes_what_torch_does(network, tmp_path):
    shape = network.elastic.smallest
    module = shape.build(network.module).eval()
    x = np.random.default_rng(0).normal(size=(3, 1, shape.resolution, shape.resolution)).astype(np.float32)
    with torch.inference_mode():
        wanted = module(torch.from_numpy(x)).numpy()
    for strategy in (Strategy(shape), Strategy(shape, level="disabled"), Strategy(shape, patches=2)):
        session = engines.load(build_plan(strategy, module, x, tmp_path))
        np.testing.assert_allclose(session(x), wanted, rtol=1e-4, atol=1e-5)


def test_spread_filters_see_on_a_doubled_image_what_they_were_trained_on():
    """Every pixel twice: each of the four interleaved images is the small one, and so is their mean."""
    torch.manual_seed(0)
    plain = ResNet((4,), (2,)).eval()
    spread = Atrous(ResNet, side=8)((4,), (2,)).eval()
    spread.load_state_dict(plain.state_dict())
    small = torch.randn(2, 1, 8, 8)
    with torch.inference_mode():
        wanted = plain(small)
        torch.testing.assert_close(spread(small), wanted)
        large = small.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        torch.testing.assert_close(spread(large), wanted, rtol=1e-4, atol=1e-5)
        assert not torch.allclose(plain(large), wanted, rtol=1e-2)


EXITS = Elastic(((4, 8), (8, 12), (8, 16)), ((1, 2),) * 3, (8, 12), exit=(1, 2, 3))


def test_an_early_exit_is_the_full_network_up_to_its_stage():
    weights = initial(VGG, EXITS)
    early = materialise(weights, replace(EXITS.largest, exit=2).build(VGG)).eval()
    full = materialise(weights, EXITS.largest.build(VGG)).eval()
    x = torch.randn(2, 1, 12, 12, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        y = full.exits.stages[1](full.exits.stages[0](x)).mean(dim=(2, 3))
        wanted = y @ weights["exits.heads.2.weight"].T + weights["exits.heads.2.bias"]
        torch.testing.assert_close(early(x), wanted)
    assert cost(VGG, replace(EXITS.largest, exit=2)).macs < cost(VGG, EXITS.largest).macs


def test_costs_of_all_subnets_count_each_exit():
    space = StrategySpace(EXITS, costs=CostTable.of(VGG, EXITS))
    rng = np.random.default_rng(3)
    for x in rng.integers(0, space.sizes, size=(20, space.dim)):
        counted = cost(VGG, space.decode(x).shape)
        assert space.costs(x[None, :8])[0].tolist() == [
            counted.macs,
            counted.parameters,
            counted.activations,
            counted.early,
            counted.early_layers,
        ]


def test_what_lies_behind_an_exit_is_inert():
    space = StrategySpace(EXITS, threads=1, inert=())
    strategy = Strategy(replace(EXITS.smallest, exit=1))
    canonical = space.decode(space.canonical(space.encode(strategy)[None])[0])
    assert canonical.shape == replace(EXITS.smallest, exit=1, width=(4, 12, 16), depth=(1, 2, 2))
    assert Strategy.from_dict(canonical.to_dict()) == canonical
    # By hand: exits leave 1, 2 and 3 stages of 2 x 2 sizes; the other knobs are free.
    others = int(np.prod(space.sizes[7:]))
    assert space.count() == (4 + 4**2 + 4**3) * others


def test_exits_must_end_with_the_last_stage():
    with pytest.raises(ArgumentError, match="exit"):
        replace(EXITS, exit=(1, 2))


def test_training_goes_on_from_given_weights_and_trains_the_exits(tmp_path):
    images = shipped_slice()
    some = Images(images.pixels[:64], images.labels[:64])
    recipe = Recipe(epochs=1, batch=16, lr=0.01, images=32, resolution=8, bf16=False)
    start = {k: v for k, v in initial(VGG, EXITS).items() if "heads.1" not in k}
    steps = []
    weights = train(
        VGG, EXITS, some, recipe, 0, tmp_path / "c.pt", lambda i, n, _: steps.append((i, n)), start
    )
    assert steps == [(1, 2), (2, 2)]
    assert weights.keys() == initial(VGG, EXITS).keys()
    moved = [name for name, p in start.items() if not torch.equal(weights[name], p)]
    assert "exits.heads.2.weight" in moved or "exits.heads.3.weight" in moved
    # The smallest step of a small rate: near where it started.
    assert all((weights[name] - p).abs().max() < 0.1 for name, p in start.items())


def test_spread_filters_train_in_bfloat16(tmp_path):
    """Where torch's gradients are NaN (spread filters, channels last), the other layout is taken."""
    some = shipped_slice()
    some = Images(some.pixels[:8], some.labels[:8])
    elastic = Elastic(((8,), (16,), (16,)), ((1,), (2,), (1,)), (168,))
    recipe = Recipe(epochs=1, batch=8, lr=0.01, images=8, random_subnets=0)
    weights = train(Atrous(VGG, 28), elastic, some, recipe, 0, tmp_path / "c.pt", lambda *_: None)
    assert all(torch.isfinite(p).all() for p in weights.values())


def test_training_that_diverges_stops(tmp_path):
    some = shipped_slice()
    some = Images(some.pixels[:32], some.labels[:32])
    recipe = Recipe(epochs=3, batch=16, lr=1e30, warmup=0.01, bf16=False)
    with pytest.raises(ArgumentError, match=r"recipe\.lr: expected a rate at which .* stay finite"):
        train(VGG, EXITS, some, recipe, 0, tmp_path / "c.pt", lambda *_: None)


def test_training_shows_what_spread_filters_see_of_a_larger_image():
    """Filters spread k times see every k-th pixel: of all steps together, the whole enlarged image."""
    x = torch.rand(2, 1, 6, 6)
    whole = {
        k: torch.nn.functional.interpolate(x, size=6 * k, mode="bilinear", antialias=True) for k in (1, 2, 3)
    }
    rng = np.random.default_rng(0)
    met = set()
    for _ in range(200):
        shown = seen(x, 3, rng)
        assert shown.shape == x.shape
        of = [
            (k, i, j)
            for k, image in whole.items()
            for i in range(k)
            for j in range(k)
            if torch.equal(shown, image[:, :, i::k, j::k])
        ]
        assert of
        met.update(of)
    assert len(met) == 1 + 4 + 9
    assert seen(x, 1, rng) is x


def test_weights_to_start_from_must_be_of_the_same_widths():
    wider = replace(EXITS, width=((4, 9), (8, 12), (8, 16)))
    with pytest.raises(ArgumentError, match="start"):
        initial(VGG, wider, initial(VGG, EXITS))

"""Batch-norm statistics of a subnet are those of the inputs, and nothing else of it changes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from dmo.errors import ArgumentError
from problems.deployment import images
from problems.deployment.elastic.recalibrate import accuracy, recalibrate
from problems.deployment.networks.resnet import ResNet

SLICE = images.shipped_slice()
INPUTS = images.to_input(SLICE.pixels, 16)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Networks this small gain nothing from more, and lose much on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 10)
    )


def test_statistics_are_mean_and_variance_of_what_reaches_the_norm():
    module = recalibrate(_network(), INPUTS, batch=len(INPUTS))
    with torch.inference_mode():
        seen = module[0](torch.from_numpy(INPUTS)).double().numpy()
    by_channel = seen.transpose(1, 0, 2, 3).reshape(4, -1)
    np.testing.assert_allclose(module[1].running_mean, by_channel.mean(axis=1), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(module[1].running_var, by_channel.var(axis=1, ddof=1), rtol=1e-4)


def test_batches_are_averaged_with_equal_weight():
    module = recalibrate(_network(), INPUTS, batch=70)  # 200 images: batches of 67, 67 and 66
    with torch.inference_mode():
        seen = module[0](torch.from_numpy(INPUTS)).double().numpy()
    parts = np.array_split(seen, 3)
    np.testing.assert_allclose(
        module[1].running_var,
        np.mean([p.transpose(1, 0, 2, 3).reshape(4, -1).var(axis=1, ddof=1) for p in parts], axis=0),
        rtol=1e-4,
    )


def test_earlier_statistics_leave_no_trace_and_settings_stay():
    once, twice = _network(), _network()
    weights = {name: p.detach().clone() for name, p in twice.named_parameters()}
    recalibrate(once, INPUTS)
    recalibrate(twice, 3.0 * INPUTS + 1.0)
    recalibrate(twice, INPUTS)
    for name, value in once.state_dict().items():
        assert torch.equal(value, twice.state_dict()[name]), name
    assert all(torch.equal(p, weights[name]) for name, p in twice.named_parameters())
    assert twice[1].momentum == _network()[1].momentum
    assert not any(m.training for m in twice.modules())


def test_no_inputs_are_refused():
    with pytest.raises(ArgumentError, match="inputs"):
        recalibrate(_network(), INPUTS[:0])


def test_accuracy_is_the_share_of_right_answers_whatever_the_batch():
    module = recalibrate(ResNet((4, 8), (1, 1)), INPUTS)
    with torch.inference_mode():
        found = module(torch.from_numpy(INPUTS)).argmax(1).numpy()
    share = float((found == SLICE.labels).mean())
    assert accuracy(module, SLICE, 16) == accuracy(module, SLICE, 16, batch=7) == pytest.approx(share)


def test_recalibration_is_what_makes_a_subnet_work():
    """Without it the shipped weights' small subnets are near chance: statistics do not carry over."""
    from problems.deployment.elastic.shape import Elastic
    from problems.deployment.network import Network

    elastic = Elastic(
        width=((8, 16, 24, 32), (16, 32, 48, 64), (32, 64, 96, 128)),
        depth=((1, 2),) * 3,
        resolution=(16, 20, 24, 28, 32),
    )
    network = Network("resnet", ResNet, elastic)
    module = network.subnet(network.load(), elastic.smallest)
    raw = accuracy(module, SLICE, 16)
    assert raw < 0.7 < 0.8 < accuracy(recalibrate(module, INPUTS), SLICE, 16)

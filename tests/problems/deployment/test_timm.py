"""Networks of timm, for which nothing was written, are elastic and run in the engine."""

from unittest import mock

import numpy as np
import pytest
import torch

from problems.deployment import engines
from problems.deployment.cost import cost
from problems.deployment.elastic.trace import traced
from problems.deployment.plan import build
from problems.deployment.strategy import Strategy

# torchvision's wheel for CUDA has operators that a torch for processors cannot load; timm uses none.
with mock.patch("torch.library.register_fake", return_value=lambda f: f):
    timm = pytest.importorskip("timm", exc_type=ImportError)

pytestmark = pytest.mark.filterwarnings("ignore")  # of timm and torchvision
SIDE = 32


@pytest.mark.parametrize("name", ["lcnet_050", "regnetx_002", "ghostnet_050"])
def test_a_network_of_timm_is_elastic_and_runs_in_the_engine(name, tmp_path):
    whole = timm.create_model(name, in_chans=1, num_classes=10).eval()
    network = traced(name, whole, (SIDE,), (25, 50, 100))
    x = np.random.default_rng(0).standard_normal((3, 1, SIDE, SIDE)).astype(np.float32)
    with torch.inference_mode():
        full = network.elastic.largest.build(network.module).eval()
        assert torch.equal(full(torch.from_numpy(x)), whole(torch.from_numpy(x)))
    sizes = [cost(network.module, shape) for shape in (network.elastic.smallest, network.elastic.largest)]
    assert sizes[0].macs < 0.5 * sizes[1].macs
    assert sizes[0].parameters < 0.5 * sizes[1].parameters
    half = network.elastic.shape({f"width_{s + 1}": 50 for s in range(len(network.elastic.width))})
    module = half.build(network.module).eval()
    with torch.inference_mode():
        wanted = module(torch.from_numpy(x)).numpy()
    session = engines.load(build(Strategy(half), module, x, tmp_path))
    np.testing.assert_allclose(session(x), wanted, rtol=1e-4, atol=1e-4)

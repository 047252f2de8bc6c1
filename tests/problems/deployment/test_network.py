"""The shipped networks are what they are said to be."""

import json
import zipfile

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir

from dmo.errors import DataError
from experiments.entry import CONF, build
from problems.deployment.elastic.recalibrate import accuracy, recalibrate
from problems.deployment.images import shipped_slice, to_input
from problems.deployment.network import SHIPPED
from problems.deployment.process import keep_freed_memory

# What the full network reaches on the test images; on the slice at least, it and the smallest.
REACHED = {
    "mobilenet": (0.92, 0.85, 0.7),
    "resnet": (0.92, 0.85, 0.75),
    "resnet160": (0.92, 0.85, 0.75),
    "shufflenet": (0.92, 0.85, 0.75),
    "vgg": (0.92, 0.85, 0.7),
    "vit": (0.9, 0.8, 0.7),
}


@pytest.fixture(scope="module", params=sorted(REACHED))
def network(request):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return build(compose("train", [f"network={request.param}"]).network)


def test_every_file_of_weights_is_looked_at():
    assert {f.stem.removesuffix("_weights") for f in SHIPPED.glob("*_weights.npz")} == REACHED.keys()


def test_its_note_tells_the_command_and_what_the_full_network_reached(network):
    assert network.weights_file.stat().st_size < 5_000_000
    with np.load(network.weights_file, allow_pickle=False) as stored:
        meta = json.loads(str(stored["meta"]))
    assert {"experiments.train", f"network={network.name}"} <= set(meta["command"].split())
    full, smallest = meta["accuracies"][:2]
    assert full["accuracy"] >= REACHED[network.name][0]
    assert smallest["multiply_adds"] <= full["multiply_adds"] / 8


def test_it_classifies_images_that_it_was_not_trained_on(network):
    """With statistics of the slice itself, for want of training images: worse than the real thing."""
    keep_freed_memory()  # most of the time would go to pages of large activations
    images, weights = shipped_slice(), network.load()
    sizes = network.elastic.largest, network.elastic.smallest
    for shape, least in zip(sizes, REACHED[network.name][1:], strict=True):
        module = network.subnet(weights, shape)
        recalibrate(module, to_input(images.pixels, shape.resolution), batch=25)
        assert accuracy(module, images, shape.resolution, batch=25) >= least


def test_a_smaller_network_shares_the_corners_of_the_larger_ones_weights(network):
    weights = network.load()
    small = network.subnet(weights, network.elastic.smallest)
    for name, p in small.named_parameters():
        assert torch.equal(p, weights[name][tuple(slice(0, n) for n in p.shape)])


def test_damaged_missing_or_foreign_weights_are_named_with_the_remedy(network, tmp_path):
    blob = network.weights_file.read_bytes()
    file = tmp_path / "w.npz"
    for damaged in (b"", b"nonsense", blob[: len(blob) // 2], blob[:5000] + bytes(100) + blob[5100:]):
        file.write_bytes(damaged)
        with pytest.raises(DataError, match=rf"python -m experiments\.train network={network.name}"):
            network.load(file)
    with pytest.raises(DataError, match="no weights"):
        network.load(tmp_path / "nowhere.npz")
    with zipfile.ZipFile(file, "w"):
        pass
    with pytest.raises(DataError, match="cannot be read"):
        network.load(file)

"""A network that classifies, of the size that a test module names as SHAPE, and what it does in torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from problems.deployment.elastic.shape import Shape
from problems.deployment.images import shipped_slice, to_input
from problems.deployment.networks.resnet import ResNet


@pytest.fixture(scope="module")
def images(request: pytest.FixtureRequest) -> np.ndarray:
    return to_input(shipped_slice().pixels, request.module.SHAPE.resolution)


@pytest.fixture(scope="module")
def module(request: pytest.FixtureRequest, images: np.ndarray) -> torch.nn.Module:
    """Random layers with the images' statistics, under a head fitted by least squares."""
    shape: Shape = request.module.SHAPE
    torch.manual_seed(0)
    network, x = ResNet(shape.width, shape.depth), torch.from_numpy(images)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = None  # statistics of the one batch
            layer.weight.data.uniform_(0.7, 1.3)
            layer.bias.data.normal_(0.0, 0.2)
    with torch.no_grad():
        network(x)
        network.eval()
        head, network.head = network.head, torch.nn.Identity()
        features = torch.cat([network(x), torch.ones(len(x), 1)], dim=1)
        targets = torch.nn.functional.one_hot(torch.from_numpy(shipped_slice().labels), 10).float()
        fitted = torch.linalg.lstsq(features, targets).solution
        head.weight.copy_(fitted[:-1].T)
        head.bias.copy_(fitted[-1])
        network.head = head
    return network


@pytest.fixture(scope="module")
def expected(module: torch.nn.Module, images: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return module(torch.from_numpy(images)).numpy()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plans")

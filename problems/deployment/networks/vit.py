"""A small vision transformer for grey images, as a function of widths and depths."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

WIDTH = (96, 192)  # of the embedding, and of the hidden layer of each block, of the full network
DEPTH = (3, 3)  # blocks of the first and of the second half of the full network
HEAD = 24  # channels of an attention head
PATCH = 4  # pixels that a token's side covers


class Mix(nn.Module):
    """Each token's mean of all values, (n, tokens, channels), weighted by how its query meets their keys."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        tokens, channels = query.shape[1:]
        q, k, v = (y.reshape(-1, tokens, channels // HEAD, HEAD).transpose(1, 2) for y in (query, key, value))
        mixed = (q @ k.transpose(2, 3) / math.sqrt(HEAD)).softmax(dim=-1) @ v
        return mixed.transpose(1, 2).reshape(-1, tokens, channels)

    def extents(self, query: Tensor) -> tuple[float, float, float]:
        """Multiply-adds of a token: with every other, channel by channel, twice."""
        return float(query.shape[1]), float(query.shape[2]), 2.0


class Attention(nn.Module):
    """Self-attention over tokens (n, tokens, channels); a narrower one has the first heads of a wider."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.mix = Mix()
        self.out = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.out(self.mix(self.query(x), self.key(x), self.value(x)))
        return y


class Block(nn.Module):
    """Attention and a two-layer perceptron, each normed before and added to what it read."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attention = Attention(channels)
        self.norm2 = nn.LayerNorm(channels)
        self.perceptron = nn.Sequential(nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.perceptron(self.norm2(x))


class ViT(nn.Module):
    """Convolutional patch embedding, computed positions, transformer blocks, mean over tokens, linear head.

    width: channels of the embedding, a multiple of 24, and of the blocks' hidden layer; depth: blocks
    of the first and the second half. Input (n, 1, r, r), r a multiple of 4; output (n, classes) logits.
    Positions are sines of a token's place in the image, so that every resolution has them and a
    narrower network's are the first of a wider one's.
    Source: Dosovitskiy et al., An Image is Worth 16x16 Words (2021), section 3.1; Xiao et al., Early
    Convolutions Help Transformers See Better (2021), for the embedding; Beyer et al., Better Plain ViT
    Baselines (2022), for positions and mean.
    """

    def __init__(self, width: Sequence[int] = WIDTH, depth: Sequence[int] = DEPTH, classes: int = 10) -> None:
        super().__init__()
        channels, hidden = width
        early = channels // 2
        self.embed = nn.Sequential(
            nn.Conv2d(1, early, 3, 2, 1, bias=False),
            nn.BatchNorm2d(early),
            nn.ReLU(),
            nn.Conv2d(early, channels, 3, 2, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 1),
        )
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(channels, hidden) for _ in range(blocks))) for blocks in depth
        )
        self.norm = nn.LayerNorm(channels)
        self.head = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        channels, side = x.shape[1], x.shape[2]
        step = int(self.embed[0].dilation[0])  # 1, but for filters that are spread
        x = x.flatten(2).transpose(1, 2) + positions(side, channels, step).to(x)
        for stage in self.stages:
            x = stage(x)
        y: Tensor = self.head(self.norm(x).mean(dim=1))
        return y


def positions(side: int, channels: int, step: int = 1) -> Tensor:
    """(side * side, channels) sines and cosines of row and column, as shares of the image's side.

    step: pixels between what a filter reads. A token is centred on its first pixel, half a token of step 1
    before the place it is trained with; more tokens, of wider filters, keep that distance.

    Channel by channel they do not depend on how many there are: sin and cos of the row, of the
    column, then the same at the next, higher frequency.
    """
    place = (torch.arange(side) + 0.5 * step) / side
    frequency = 0.5 * math.pi * 1.15 ** torch.arange(-(-channels // 4))  # from a quarter wave
    angle = place[:, None] * frequency
    waves = torch.stack([angle.sin(), angle.cos()], dim=2)  # (side, frequencies, 2)
    rows = waves[:, None].expand(side, side, -1, 2)
    columns = waves[None].expand(side, side, -1, 2)
    return torch.cat([rows, columns], dim=3).reshape(side * side, -1)[:, :channels]

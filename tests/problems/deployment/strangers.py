"""Networks that elastic.trace was not written for, after the blocks of RegNet, ShuffleNet and EfficientNet.

They stand in for timm's, which needs torchvision: none is released for the torch used here.
"""

import torch
from torch import nn
from torch.nn import functional as F


class Grouped(nn.Module):
    """RegNet's block: a grouped convolution between two 1x1, and a projected shortcut."""

    def __init__(self, inputs, outputs, stride, group=4):
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())
        self.b = nn.Conv2d(outputs, outputs, 3, stride, 1, groups=outputs // group, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.c = nn.Conv2d(outputs, outputs, 1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.c(F.relu(self.norm(self.b(self.a(x))))) + self.shortcut(x))


class RegNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.blocks = nn.Sequential(
            Grouped(16, 16, 1), Grouped(16, 32, 2), Grouped(32, 32, 1), Grouped(32, 32, 1)
        )
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.blocks(self.stem(x)), 1), 1))


def shuffled(x, groups=2):
    n, c, h, w = x.size()
    return x.view(n, groups, c // groups, h, w).transpose(1, 2).reshape(n, -1, h, w)


class Shuffle(nn.Module):
    """ShuffleNet's block: half of the channels pass by, the other half is convolved, then both are mixed."""

    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.branch = nn.Sequential(
            nn.Conv2d(half, half, 1),
            nn.BatchNorm2d(half),
            nn.ReLU(),
            nn.Conv2d(half, half, 3, 1, 1, groups=half, bias=False),
            nn.BatchNorm2d(half),
            nn.Conv2d(half, half, 1),
            nn.ReLU(),
        )

    def forward(self, x):
        left, right = x.chunk(2, dim=1)
        return shuffled(torch.cat([left, self.branch(right)], dim=1))


class ShuffleNet(nn.Module):
    """Ends in a flattened image, whose places the linear layer tells apart."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2))
        self.blocks = nn.Sequential(Shuffle(16), Shuffle(16))
        self.wide = nn.Conv2d(16, 24, 1)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(24 * 4 * 4, 20), nn.ReLU(), nn.Linear(20, 10))

    def forward(self, x):
        return self.head(self.wide(self.blocks(self.stem(x))))


class Squeezed(nn.Module):
    """EfficientNet's block: widen, filter, weigh the channels by what they hold, narrow."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        hidden, squeezed = 4 * inputs, max(inputs // 4, 2)
        self.widen = nn.Sequential(
            nn.Conv2d(inputs, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.SiLU()
        )
        self.filter = nn.Conv2d(hidden, hidden, 5, stride, 2, groups=hidden, bias=False)
        self.norm = nn.BatchNorm2d(hidden)
        self.squeeze, self.excite = nn.Conv2d(hidden, squeezed, 1), nn.Conv2d(squeezed, hidden, 1)
        self.narrow = nn.Sequential(nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        y = F.silu(self.norm(self.filter(self.widen(x))))
        weights = torch.sigmoid(self.excite(F.silu(self.squeeze(y.mean((2, 3), keepdim=True)))))
        y = self.narrow(y * weights)
        return x + y if self.adds else y


class EfficientNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.SiLU())
        self.blocks = nn.Sequential(
            Squeezed(8, 8, 1), Squeezed(8, 12, 2), Squeezed(12, 12, 1), Squeezed(12, 12, 1)
        )
        self.last = nn.Sequential(nn.Conv2d(12, 32, 1, bias=False), nn.BatchNorm2d(32), nn.SiLU())
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        return self.head(self.last(self.blocks(self.stem(x))).mean([2, 3]))

"""networks.py: numeral's network text as a PyTorch module.

Builds what spec.py reads. Works with PyTorch 1.13 and later; must not know
numeral's code.
"""

import torch
import torch.nn.functional as F
from torch import nn

from spec import parse, same_padding


class SamePad(nn.Module):
    """Padding so that out = ceil(in / stride); the odd pixel goes below and right."""

    def __init__(self, size, window, stride, value=0.0):
        super().__init__()
        self.value = value
        self.pads = []
        for n, w in zip(reversed(size), reversed(window)):  # F.pad takes the last axis first
            self.pads += same_padding(n, w, stride)

    def forward(self, x):
        return F.pad(x, self.pads, value=self.value)


class SameAvgPool(nn.Module):
    """Mean over the real pixels of each window: padding does not count."""

    def __init__(self, size, window, stride):
        super().__init__()
        self.pad = SamePad(size, window, stride)
        self.window, self.stride = window, stride

    def forward(self, x):
        real = torch.ones_like(x[:1, :1])
        total = F.avg_pool2d(self.pad(x), self.window, self.stride)
        return total / F.avg_pool2d(self.pad(real), self.window, self.stride)


def _pool(item, size):
    if item.kind == "avgpool":
        if item.same:
            return [SameAvgPool(size, item.window, item.stride)]
        return [nn.AvgPool2d(item.window, item.stride)]
    pool = nn.MaxPool2d(item.window, item.stride)
    if not item.same:
        return [pool]
    return [SamePad(size, item.window, item.stride, float("-inf")), pool]


def _conv(item, shape):
    before, padding = [], 0
    if item.same:
        sides = [same_padding(n, w, item.stride) for n, w in zip(shape[1:], item.window)]
        if all(first == last for first, last in sides):  # the layer can pad by itself
            padding = tuple(first for first, _ in sides)
        else:
            before = [SamePad(shape[1:], item.window, item.stride)]
    return before, nn.Conv2d(shape[0], item.units, item.window, item.stride, padding,
                             groups=item.groups)


class Crop(nn.Module):
    """The middle of a picture."""

    def __init__(self, at, side):
        super().__init__()
        self.part = slice(at, at + side)

    def forward(self, x):
        return x[..., self.part, self.part]


class Network(nn.Module):
    """`trained` lists (item's number, kind, module, init) of what has parameters."""

    def __init__(self, text):
        super().__init__()
        self.text, self.stages, self.trained = text, nn.ModuleList(), []
        self.kinds = [item.kind for item in parse(text)]
        shape = kept = (1, 28, 28)
        for number, item in enumerate(parse(text)):
            if item.kind == "residual":
                kept = shape
            elif item.kind == "shortcut":
                shape = kept
            shape = self._add(number, item, shape)

    def _add(self, number, item, shape):
        modules, trained = [], None
        if item.kind == "conv":
            modules, trained = _conv(item, shape)
        elif item.kind == "dense":
            if len(shape) == 3:
                modules.append(nn.Flatten())
                shape = (shape[0] * shape[1] * shape[2],)
            trained = nn.Linear(shape[0], item.units)
        elif item.kind == "batchnorm":
            trained = (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[0])
        elif item.kind in ("maxpool", "avgpool"):
            modules = _pool(item, shape[1:])
        elif item.kind == "globalavgpool":
            modules.append(nn.AdaptiveAvgPool2d(1))
        elif item.kind == "crop":
            modules.append(Crop((shape[1] - item.units) // 2, item.units))
        elif item.kind == "flatten":
            modules.append(nn.Flatten())
        elif item.kind == "dropout":
            modules.append(nn.Dropout(item.rate))
        if trained is not None:
            self.trained.append((number, item.kind, trained, item.init))
            modules.append(trained)
        if item.relu:
            modules.append(nn.ReLU())
        if item.relu6:
            modules.append(nn.ReLU6())
        stage = nn.Sequential(*modules)
        self.stages.append(stage)
        with torch.no_grad():
            stage.eval()
            shape = tuple(stage(torch.zeros(1, *shape)).shape[1:])
            stage.train()
        return shape

    def forward(self, x):
        kept = None  # the branch of a residual that is not at work
        for kind, stage in zip(self.kinds, self.stages):
            if kind == "residual":
                kept = x
            elif kind == "shortcut":
                x, kept = kept, x
            elif kind == "add":
                x = stage(x + kept)
            else:
                x = stage(x)
        return x

    def initialise(self):
        """Weights uniform by each item's init (Glorot 2010, He 2015); biases 0."""
        for _, kind, module, init in self.trained:
            if kind == "batchnorm":
                continue
            if init == "he":
                nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
            else:
                nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        return self

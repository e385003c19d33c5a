"""networks.py: numeral's network text as a PyTorch module.

Reads the same line of text that numeral reads (src/model/spec.h) and builds
the same network, so that what is compared is the same by construction. Works
with PyTorch 1.13 and later; must not know numeral's code.
"""

import torch
import torch.nn.functional as F
from torch import nn

NAMED = {
    "cnn": "conv 32 3x3 relu, maxpool 2, conv 64 3x3 relu, maxpool 2, flatten, "
           "dense 128 relu, dense 10",
    "cnn-100": "conv 32 3x3 relu he, maxpool 2, flatten, dense 100 relu he, dense 10",
    "mlp": "flatten, dense 128 relu, dense 10",
}


class SamePad(nn.Module):
    """Padding so that out = ceil(in / stride); the odd pixel goes below and right."""

    def __init__(self, size, window, stride, value=0.0):
        super().__init__()
        self.value = value
        self.pads = []
        for n, w in zip(reversed(size), reversed(window)):  # F.pad takes the last axis first
            total = max((-(-n // stride) - 1) * stride + w - n, 0)
            self.pads += [total // 2, total - total // 2]

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


def _window(word):
    sides = word.split("x")
    return int(sides[0]), int(sides[-1])


def _after(words, name, default):
    return int(words[words.index(name) + 1]) if name in words else default


class Network(nn.Module):
    """`items[i]` is item i of the text; its trained part is `items[i][part]`."""

    def __init__(self, text):
        super().__init__()
        text = NAMED.get(text, text)
        self.text, self.stages, self.trained = text, nn.ModuleList(), []
        shape = (1, 28, 28)
        for number, item in enumerate(text.split(",")):
            shape = self._add(number, item.split(), shape)

    def _add(self, number, words, shape):
        kind = words[0]
        modules = []
        trained = None
        if kind == "conv":
            window, stride = _window(words[2]), _after(words, "stride", 1)
            if "same" in words:
                modules.append(SamePad(shape[1:], window, stride))
            trained = nn.Conv2d(shape[0], int(words[1]), window, stride)
        elif kind == "dense":
            if len(shape) == 3:
                modules.append(nn.Flatten())
                shape = (shape[0] * shape[1] * shape[2],)
            trained = nn.Linear(shape[0], int(words[1]))
        elif kind == "batchnorm":
            trained = (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[0])
        elif kind in ("maxpool", "avgpool"):
            window = _window(words[1])
            stride = _after(words, "stride", window[0])
            if kind == "avgpool" and "same" in words:
                modules.append(SameAvgPool(shape[1:], window, stride))
            else:
                if "same" in words:
                    modules.append(SamePad(shape[1:], window, stride, float("-inf")))
                pool = nn.MaxPool2d if kind == "maxpool" else nn.AvgPool2d
                modules.append(pool(window, stride))
        elif kind == "flatten":
            modules.append(nn.Flatten())
        elif kind == "relu":
            modules.append(nn.ReLU())
        elif kind == "dropout":
            modules.append(nn.Dropout(float(words[1])))
        else:
            raise ValueError(f"item {number}: unknown layer {kind}")
        if trained is not None:
            self.trained.append((number, kind, trained, "he" if "he" in words else "glorot"))
            modules.append(trained)
            if "relu" in words[1:]:
                modules.append(nn.ReLU())
        stage = nn.Sequential(*modules)
        self.stages.append(stage)
        with torch.no_grad():
            stage.eval()
            shape = tuple(stage(torch.zeros(1, *shape)).shape[1:])
            stage.train()
        return shape

    def forward(self, x):
        for stage in self.stages:
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

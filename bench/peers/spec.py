"""spec.py: numeral's network text, taken apart.

The same line of text that numeral reads (src/model/spec.h) as a list of items,
from which torch, Keras and ONNX networks are made: what is compared is the same
by construction. Needs Python alone; must not know numeral's code.
"""

import json
import subprocess
from dataclasses import dataclass

KINDS = ("crop", "conv", "dense", "batchnorm", "maxpool", "avgpool", "globalavgpool", "relu",
         "relu6", "flatten", "dropout", "residual", "shortcut", "add")


@dataclass
class Item:
    kind: str
    units: int = 0            # conv, dense: outputs; crop: side of what is kept
    window: tuple = (1, 1)    # conv and pools: height, width
    stride: int = 1
    groups: int = 1           # conv
    same: bool = False        # out = ceil(in / stride); the odd pixel goes below and right
    relu: bool = False        # follows the item, or is it
    relu6: bool = False       # the same, min(6, max(0, .))
    init: str = "glorot"      # or "he"
    rate: float = 0.0         # dropout


def _window(word):
    sides = word.split("x")
    return int(sides[0]), int(sides[-1])


def _item(text):
    words = text.split()
    kind, options = words[0], words[1:]
    if kind not in KINDS:
        raise ValueError(f"unknown layer {kind}")
    item = Item(kind, relu="relu" in words, relu6="relu6" in words, same="same" in options,
                init="he" if "he" in options else "glorot")
    if kind in ("crop", "conv", "dense"):
        item.units = int(words[1])
    if kind == "dropout":
        item.rate = float(words[1])
    if kind in ("conv", "maxpool", "avgpool"):
        item.window = _window(words[2 if kind == "conv" else 1])
        item.stride = 1 if kind == "conv" else item.window[0]
    if "stride" in options:
        item.stride = int(options[options.index("stride") + 1])
    if "groups" in options:
        item.groups = int(options[options.index("groups") + 1])
    return item


def parse(text):
    return [_item(part) for part in text.split(",")]


def same_padding(size, window, stride):
    """Pixels (before, after) that `same` adds to a side of `size`."""
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def named_networks(program="build/numeral"):
    """Name to text, of all networks that `program` has a name for."""
    listing = subprocess.run([program, "models", "list", "--json"], check=True,
                             stdout=subprocess.PIPE).stdout
    return {row["name"]: row["spec"] for row in json.loads(listing)["networks"]}

"""mnist.py: MNIST's four files as tensors, from the folder in $NUMERAL_DATA_DIR."""

import gzip
import os

import torch

FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


def _read(name, header_bytes):
    base = os.environ.get("NUMERAL_DATA_DIR", "data")
    places = [os.path.join(folder, name) for folder in (base, os.path.join(base, "mnist"))]
    for path in places:
        for opener, full in ((gzip.open, path + ".gz"), (open, path)):
            if os.path.exists(full):
                with opener(full, "rb") as f:
                    return torch.frombuffer(bytearray(f.read()[header_bytes:]),
                                            dtype=torch.uint8)
    raise FileNotFoundError(f"no {name} in {' or '.join(places)}: set NUMERAL_DATA_DIR")


def load(part):
    """images [n][1][28][28] as floats 0..1 and labels [n]."""
    images, labels = FILES[part]
    return (_read(images, 16).reshape(-1, 1, 28, 28).float() / 255, _read(labels, 8).long())

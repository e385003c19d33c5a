"""idx_data.py: the same two IDX files of training images for all programs."""

import gzip
import os
import random


def _header(dims):
    return bytes([0, 0, 8, len(dims)]) + b"".join(d.to_bytes(4, "big") for d in dims)


def _find_mnist(name):
    base = os.environ.get("NUMERAL_DATA_DIR", "data")
    for folder in (base, os.path.join(base, "mnist")):
        for path, opener in ((os.path.join(folder, name + ".gz"), gzip.open),
                             (os.path.join(folder, name), open)):
            if os.path.exists(path):
                with opener(path, "rb") as f:
                    return f.read()
    return None


def prepare(folder):
    """Writes images and labels there; gives their paths, and what they are."""
    os.makedirs(folder, exist_ok=True)
    images, labels = (_find_mnist(name) for name in ("train-images-idx3-ubyte",
                                                     "train-labels-idx1-ubyte"))
    kind = "MNIST's training set"
    if images is None or labels is None:
        source = random.Random(1)
        images = _header([10000, 28, 28]) + source.randbytes(10000 * 784)
        labels = _header([10000]) + bytes(source.randrange(10) for _ in range(10000))
        kind = "10,000 random images (MNIST was not found; NUMERAL_DATA_DIR names its folder)"
    paths = [os.path.join(folder, name) for name in ("images.idx", "labels.idx")]
    for path, content in zip(paths, (images, labels)):
        with open(path, "wb") as f:
            f.write(content)
    return paths, kind

"""predict_file.py: what a short script with PyTorch does to read one digit.

    predict_file.py WEIGHTS PICTURE       PICTURE: an unfiltered grey PNG, 28 x 28
    predict_file.py WEIGHTS               writes WEIGHTS

Imports torch, builds `cnn`, loads its weights, predicts. It reads the picture
without a library, which makes it only faster. See cold_start.py.
"""

import struct
import sys
import zlib

import torch
from torch import nn


def read_png(path):
    with open(path, "rb") as f:
        data = f.read()
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += size + 12
    rows = torch.frombuffer(bytearray(zlib.decompress(packed)), dtype=torch.uint8)
    return 1 - rows.reshape(28, 29)[:, 1:].float().reshape(1, 1, 28, 28) / 255


def main():
    net = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)).eval()
    if len(sys.argv) == 2:
        torch.save(net.state_dict(), sys.argv[1])
        return
    net.load_state_dict(torch.load(sys.argv[1]))
    with torch.inference_mode():
        p = torch.softmax(net(read_png(sys.argv[2])), 1)[0]
    print(f"Predicted digit : {p.argmax().item()}\nConfidence      : {p.max().item():.4f}")


if __name__ == "__main__":
    main()

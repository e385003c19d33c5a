"""accuracy.py: what PyTorch reaches with numeral's networks and recipes.

    accuracy.py cnn-100 1 2 3                  network and seeds
    accuracy.py cnn 1 2 3 --schedule cosine

Trains on 54,000 of MNIST's training images (a stratified tenth is kept for
validation), 10 epochs, batch 64, x / 255, no augmentation; prints validation
and test accuracy after the last epoch, a JSON object a seed. Reads MNIST from
$NUMERAL_DATA_DIR, and the networks' texts from build/numeral. The yardstick for `numeral train --net NET`.
"""

import argparse
import json
import time

import torch
import torch.nn.functional as F

import mnist
from networks import Network
from spec import named_networks


def stratified(labels, fraction, seed):
    """Row numbers of the rest and of `fraction` of each class."""
    generator = torch.Generator().manual_seed(seed)
    rest, kept = [], []
    for digit in range(10):
        rows = (labels == digit).nonzero().flatten()
        rows = rows[torch.randperm(len(rows), generator=generator)]
        cut = round(len(rows) * fraction)
        kept.append(rows[:cut])
        rest.append(rows[cut:])
    return torch.cat(rest), torch.cat(kept)


def make_optimizer(net, recipe):
    if recipe == "sgd":
        return torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    return torch.optim.Adam(net.parameters(), lr=1e-3)


@torch.no_grad()
def accuracy(net, images, labels):
    net.eval()
    right = sum((net(x).argmax(1) == y).sum().item()
                for x, y in zip(images.split(500), labels.split(500)))
    net.train()
    return right / len(labels)


def train(name, seed, schedule, epochs, batch, train_set, test_set):
    torch.manual_seed(seed)
    images, labels = train_set
    rest, kept = stratified(labels, 0.1, seed)
    net = Network(named_networks().get(name, name)).initialise()
    optimizer = make_optimizer(net, "sgd" if name == "cnn-100" else "adam")
    steps = epochs * -(-len(rest) // batch)
    scheduler = None
    if schedule == "cosine":
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    start = time.time()
    for _ in range(epochs):
        for rows in rest[torch.randperm(len(rest))].split(batch):
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(net(images[rows]), labels[rows]).backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
    return {"net": name, "seed": seed, "schedule": schedule, "epochs": epochs,
            "torch": torch.__version__, "seconds": round(time.time() - start, 1),
            "val_accuracy": accuracy(net, images[kept], labels[kept]),
            "test_accuracy": accuracy(net, *test_set)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("net")
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--schedule", choices=("constant", "cosine"), default="constant")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    train_set, test_set = mnist.load("train"), mnist.load("test")
    for seed in args.seeds:
        print(json.dumps(train(args.net, seed, args.schedule, args.epochs, args.batch,
                               train_set, test_set)), flush=True)


if __name__ == "__main__":
    main()

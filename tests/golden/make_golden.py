"""make_golden.py: what PyTorch computes, for numeral to be held against.

    python3 tests/golden/make_golden.py            writes gradients.txt and runs.txt
    python3 tests/golden/make_golden.py --new      adds the cases that they lack
    python3 tests/golden/make_golden.py --spread   measures PyTorch against itself

float32, CPU, one thread, without oneDNN, whose sums of a convolution's bias
gradient are 20 times less exact than PyTorch's own. Needs PyTorch 1.13 or
later and build/numeral (for the texts of networks), no MNIST, no weights: both sides make images and initial values from
these formulas, which are exact in float32.

  hash(t, i)   x = t * 0x9E3779B9 + i            all modulo 2^32
               x ^= x >> 16;  x *= 0x7FEB352D
               x ^= x >> 15;  x *= 0x846CA68B;  x ^= x >> 16
  label i      hash(901, i) % 10
  image i      byte at row y, column x: hash(900, i * 784 + y * 28 + x) >> 25,
               plus 128 where 2 * label + 4 <= y < 2 * label + 8;
               the network sees byte / 255
  tensor t     element i, in the order of the model file ([out][in][h][w]):
               base + scale * ((hash(t, i) >> 16) - 32768) / 32768, where scale
               is 0 or a power of two

A file of golden values is words separated by blanks and newlines; # begins a
comment line.

  case NAME
  net ITEM ... ;                  the network's text, up to the semicolon
  batch N  steps N                step s takes images (s * N) .. (s * N + N - 1)
  recipe OPTIMIZER LR MOMENTUM NESTEROV BETA1 BETA2 EPSILON DECAY CLIP
                                  absent: the parameters are not moved
  tensor NAME BASE SCALE          for each in the order of the file; t counts from 0
  losses V ...                    mean cross-entropy of each step, before it
  gradient NAME COUNT NORM P Q K V ...    of the first step
  value NAME COUNT NORM P Q K V ...       after the last step
  end

NORM is Euclid's; P and Q are sums of the elements with the signs + where bit 0
(P) or bit 1 (Q) of hash(1000, element) is 0 and - where it is 1: an error in
any element shows in them. The K values are elements j * COUNT / K (rounded
down), j = 0 .. K - 1: all of them in a small tensor.
"""

import argparse
import math
import os
import sys
import warnings

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bench", "peers"))
from networks import Network  # noqa: E402
from spec import named_networks  # noqa: E402

NAMED = named_networks(os.path.join(HERE, "..", "..", "build", "numeral"))

MASK = 0xFFFFFFFF
FULL_UP_TO, SAMPLES = 800, 24

GRADIENTS = {
    "dense": "flatten, dense 10",
    "dense-relu": "avgpool 4, flatten, dense 12 relu, dense 10",
    "conv-valid": "maxpool 2, conv 4 3x3 relu, conv 6 3x3, avgpool 5, flatten, dense 10",
    "conv-same": "maxpool 2, conv 4 3x3 same relu, conv 6 4x4 same, avgpool 7, "
                 "flatten, dense 10",
    "conv-stride-2-5x5": "conv 4 5x5 stride 2 relu, conv 6 5x5 stride 2 same relu, "
                         "avgpool 3, flatten, dense 10",
    "conv-odd-windows": "conv 5 3x5 stride 3 same relu, conv 7 1x1, conv 4 2x3 stride 2, "
                        "flatten, dense 10",
    "conv-many-lanes": "conv 17 3x3 stride 2 relu, conv 33 3x3 stride 2 relu, avgpool 6, "
                       "flatten, dense 10",
    "maxpool-2": "conv 4 3x3 relu, maxpool 2, conv 4 3x3 relu, maxpool 2, flatten, dense 10",
    "maxpool-3-stride-2": "conv 4 3x3, maxpool 3 stride 2, conv 3 3x3, "
                          "maxpool 3 stride 2, flatten, dense 10",
    "maxpool-same": "conv 4 4x4 stride 2, maxpool 3 stride 2 same, conv 3 2x2, "
                    "maxpool 2x3 stride 2 same, flatten, dense 10",
    "avgpool": "conv 4 3x3 relu, avgpool 2, conv 4 3x3, avgpool 3 stride 2, "
               "flatten, dense 10",
    "avgpool-same": "conv 4 4x4 stride 2, avgpool 3 stride 2 same, flatten, dense 10",
    "globalavgpool": "conv 12 3x3 stride 2 relu, conv 14 3x5, globalavgpool, dense 10",
    "residual": "conv 8 3x3 stride 2 relu, residual, conv 6 3x3 same, batchnorm relu, "
                "conv 8 3x3 same, batchnorm, add relu, globalavgpool, dense 10",
    "residual-shortcut": "conv 6 5x5 stride 3, batchnorm relu, residual, "
                         "conv 12 3x3 stride 2 same, batchnorm relu, conv 12 3x3 same, batchnorm, "
                         "shortcut, conv 12 1x1 stride 2, batchnorm, add relu, residual, "
                         "maxpool 3 stride 1 same, conv 12 1x1, add, globalavgpool, dense 10",
    "residual-dense": "avgpool 4, flatten, dense 12 relu, residual, dense 9 relu, dense 12, add, "
                      "dense 10",
    "depthwise": "conv 18 3x3 stride 2, batchnorm relu, conv 18 3x3 groups 18 same, "
                 "conv 9 1x1, batchnorm relu, conv 9 3x3 stride 2 groups 9 same relu, "
                 "conv 9 2x4 groups 9, globalavgpool, dense 10",
    "groups": "conv 6 3x3 stride 2 relu, conv 12 3x3 groups 3 relu, maxpool 2, "
              "conv 24 3x3 groups 12 same, globalavgpool, dense 10",
    "relu6": "conv 8 3x3 stride 2, batchnorm relu6, conv 6 3x3 stride 2, relu6, avgpool 2, "
             "flatten, dense 10",
    "inverted-residual": "conv 8 5x5 stride 4 same relu, residual, conv 20 1x1, relu6, "
                         "conv 20 3x3 groups 20 same, relu6, conv 8 1x1, add, "
                         "globalavgpool, dense 10",
    "relu": "conv 4 5x5 stride 2, relu, flatten, dense 14, relu, dense 10",
    "batchnorm": "conv 4 3x3 stride 2, batchnorm, conv 6 3x3 stride 2, batchnorm relu, "
                 "flatten, dense 12, batchnorm, relu, dense 10",
    "flatten": "conv 3 5x5 stride 4, flatten, dense 10",
    "lenet5-like": "conv 6 5x5 same relu, avgpool 2, conv 16 5x5 relu, avgpool 2, "
                   "conv 120 5x5 relu, flatten, dense 84 relu, dense 10",
}

SMALL = "conv 6 3x3 stride 2 relu, maxpool 2, flatten, dense 16 relu, dense 10"
RESIDUAL = ("conv 6 3x3 stride 2, batchnorm relu, residual, conv 6 3x3 same, batchnorm relu, "
            "conv 6 3x3 same, batchnorm, add relu, residual, conv 10 3x3 stride 2 same, "
            "batchnorm, shortcut, conv 10 1x1 stride 2, batchnorm, add relu, globalavgpool, "
            "dense 10")
NORMED = "conv 6 3x3 stride 2, batchnorm relu, maxpool 2, flatten, dense 10"


def recipe(optimizer, lr, momentum=0.0, nesterov=False, decay=0.0, clip=0.0):
    return dict(optimizer=optimizer, lr=lr, momentum=momentum, nesterov=nesterov,
                beta1=0.9, beta2=0.999, epsilon=1e-8, decay=decay, clip=clip)


RUNS = {
    "cnn-adam": (NAMED["cnn"], recipe("adam", 1e-3)),
    "cnn-100-sgd-momentum": (NAMED["cnn-100"], recipe("sgd", 0.01, momentum=0.9)),
    "mlp-adam": (NAMED["mlp"], recipe("adam", 1e-3)),
    "sgd": (SMALL, recipe("sgd", 0.1)),
    "nesterov": (SMALL, recipe("sgd", 0.02, momentum=0.9, nesterov=True)),
    "sgd-weight-decay": (SMALL, recipe("sgd", 0.02, momentum=0.9, decay=0.01)),
    "sgd-clip": (SMALL, recipe("sgd", 0.1, momentum=0.5, clip=0.25)),
    "adam-weight-decay": (SMALL, recipe("adam", 2e-3, decay=0.01)),
    "adam-clip": (SMALL, recipe("adam", 2e-3, clip=0.25)),
    "adamw": (SMALL, recipe("adamw", 2e-3, decay=0.05)),
    "residual-sgd": (RESIDUAL, recipe("sgd", 0.02, momentum=0.9)),
    "batchnorm-sgd": (NORMED, recipe("sgd", 0.02, momentum=0.5)),
}


# ---- images, labels and initial values by formula

def hash32(tensor, index):
    """hash(tensor, index) for an int64 tensor of indices."""
    x = (index + tensor * 0x9E3779B9) & MASK
    x = (x ^ (x >> 16)) * 0x7FEB352D & MASK
    x = (x ^ (x >> 15)) * 0x846CA68B & MASK
    return x ^ (x >> 16)


def make_batch(first, count):
    """Images `first` and up as float32 [count][1][28][28], and their labels."""
    i = torch.arange(first, first + count)
    labels = hash32(901, i) % 10
    pixels = hash32(900, torch.arange(first * 784, (first + count) * 784)) >> 25
    pixels = pixels.reshape(count, 28, 28)
    y = torch.arange(28).reshape(1, 28, 1)
    top = (2 * labels + 4).reshape(count, 1, 1)
    pixels = pixels + 128 * ((y >= top) & (y < top + 4))
    return (pixels.float() / 255).unsqueeze(1), labels


def tensors_of(net):
    """(name in the model file, PyTorch's tensor), in the order of the file."""
    found = []
    for number, kind, module, _ in net.trained:
        parts = ["weight", "bias"]
        if kind == "batchnorm":
            parts += ["running_mean", "running_var"]
        found += [(f"{number}.{kind}.{part}", getattr(module, part)) for part in parts]
    return found


def range_of(name, tensor):
    """Base and scale of a tensor's initial values."""
    if name.endswith("running_var"):
        return 1.0, 0.5
    if name.endswith("running_mean"):
        return 0.0, 0.5
    if "batchnorm" in name:
        return (1.0 if name.endswith("weight") else 0.0), 0.25
    if name.endswith("bias"):
        return 0.0, 0.0625
    fan_in = tensor[0].numel()
    return 0.0, 2.0 ** math.floor(math.log2(math.sqrt(6 / fan_in)))


@torch.no_grad()
def fill(net):
    for t, (name, tensor) in enumerate(tensors_of(net)):
        base, scale = range_of(name, tensor)
        steps = (hash32(t, torch.arange(tensor.numel())) >> 16) - 32768
        values = base + scale * steps.double() / 32768
        assert torch.equal(values, values.float().double())
        tensor.copy_(values.reshape(tensor.shape))


# ---- running

def make_optimizer(net, r):
    parameters = list(net.parameters())
    if r["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=r["lr"], momentum=r["momentum"],
                               nesterov=r["nesterov"], weight_decay=r["decay"])
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[r["optimizer"]]
    return kind(parameters, lr=r["lr"], betas=(r["beta1"], r["beta2"]),
                eps=r["epsilon"], weight_decay=r["decay"])


LOSSES, GRADIENT, FINALS = range(3)


def run(text, batch, steps, r, dtype=torch.float32, onednn=False):
    """Losses, the first step's gradients, and the tensors at the end, by name."""
    with torch.backends.mkldnn.flags(enabled=onednn):
        return run_steps(text, batch, steps, r, dtype)


def run_steps(text, batch, steps, r, dtype):
    net = Network(text)
    fill(net)
    net = net.to(dtype)
    optimizer = make_optimizer(net, r) if r else None
    losses, gradients = [], {}
    for step in range(steps):
        images, labels = make_batch(step * batch, batch)
        net.zero_grad()
        loss = F.cross_entropy(net(images.to(dtype)), labels)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            gradients = {name: t.grad.clone() for name, t in tensors_of(net)
                         if t.grad is not None}
        if r and r["clip"] > 0:
            torch.nn.utils.clip_grad_norm_(net.parameters(), r["clip"])
        if optimizer:
            optimizer.step()
    finals = {name: t.detach().clone() for name, t in tensors_of(net)
              if optimizer or "running" in name}
    return losses, gradients, finals


# ---- writing

def number(value):
    return f"{value:.9g}"


def projections(tensor):
    flat = tensor.flatten().double()
    bits = hash32(1000, torch.arange(flat.numel()))
    return [float((flat * (1 - 2 * (bits >> b & 1))).sum()) for b in (0, 1)]


def write_vector(out, word, name, tensor):
    flat = tensor.flatten().double()
    count = flat.numel()
    k = count if count <= FULL_UP_TO else SAMPLES
    p, q = projections(tensor)
    picked = [flat[j * count // k].item() for j in range(k)]
    out.write(f"{word} {name} {count} {number(float(flat.norm()))} {number(p)} {number(q)} {k}\n")
    for j in range(0, k, 8):
        out.write("  " + " ".join(map(number, picked[j:j + 8])) + "\n")


def write_case(out, name, text, batch, steps, r):
    losses, gradients, finals = run(text, batch, steps, r)
    out.write(f"\ncase {name}\nnet {text} ;\nbatch {batch} steps {steps}\n")
    if r:
        out.write(f"recipe {r['optimizer']} {r['lr']:g} {r['momentum']:g} {int(r['nesterov'])} "
                  f"{r['beta1']:g} {r['beta2']:g} {r['epsilon']:g} {r['decay']:g} {r['clip']:g}\n")
    net = Network(text)
    for tensor_name, tensor in tensors_of(net):
        base, scale = range_of(tensor_name, tensor)
        out.write(f"tensor {tensor_name} {base:g} {scale:g}\n")
    out.write("losses " + " ".join(map(number, losses)) + "\n")
    for tensor_name, tensor in gradients.items():
        write_vector(out, "gradient", tensor_name, tensor)
    for tensor_name, tensor in finals.items():
        write_vector(out, "value", tensor_name, tensor)
    out.write("end\n")


def cases():
    for name, text in GRADIENTS.items():
        yield "gradients.txt", name, text, 40, 1, None
    for name, (text, r) in RUNS.items():
        yield "runs.txt", name, text, 64, 20, r


def names_in(path):
    with open(path) as file:
        return {line.split()[1] for line in file if line.startswith("case ")}


def write_all(only_new):
    files = {}
    known = {file: names_in(os.path.join(HERE, file)) if only_new else set()
             for file in ("gradients.txt", "runs.txt")}
    for file, name, *case in cases():
        if name in known[file]:
            continue
        if file not in files:
            files[file] = open(os.path.join(HERE, file), "a" if only_new else "w")
            files[file].write(("\n" if only_new else "") + "# Written by make_golden.py with "
                              f"PyTorch {torch.__version__}, which says what each word means.\n")
        write_case(files[file], name, *case)
    for file in files.values():
        file.close()


# ---- PyTorch against itself

def distance(a, b, part):
    """The worst tensor's distance as test_golden.c measures it: as a share of its
    norm; a gradient's also of a tenth of the largest tensor's, since a bias before
    batch normalisation has a gradient of 0 and rounding alone."""
    norms = {name: t.double().norm().item() for name, t in b[part].items()}
    floor = max(norms.values(), default=1) / 10 if part == GRADIENT else 0
    return max(((a[part][name].double() - t.double()).norm().item() / max(norms[name], floor)
                for name, t in b[part].items()), default=0.0)


def spread():
    """How far PyTorch is from itself, the worst of each case."""
    heads = [f"{part} {way}" for part in ("gradient", "losses", "values")
             for way in ("float64", "threads", "oneDNN")]
    print(f"{'case':22}" + "".join(f"{head:>18}" for head in heads))
    for _, name, text, batch, steps, r in cases():
        base = run(text, batch, steps, r)
        others = [run(text, batch, steps, r, dtype=torch.float64)]
        torch.set_num_threads(2)
        others.append(run(text, batch, steps, r))
        torch.set_num_threads(1)
        others.append(run(text, batch, steps, r, onednn=True))
        row = [distance(base, o, GRADIENT) for o in others]
        row += [max(abs(a - b) / b for a, b in zip(base[LOSSES], o[LOSSES])) for o in others]
        row += [distance(base, o, FINALS) for o in others]
        print(f"{name:22}" + "".join(f"{value:18.1e}" for value in row), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--spread", action="store_true")
    parser.add_argument("--new", action="store_true")
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    arguments = parser.parse_args()
    spread() if arguments.spread else write_all(arguments.new)


if __name__ == "__main__":
    main()

"""worker.py: one PyTorch, measured on request.

    worker.py IMAGES LABELS           IDX files

Started by compare.py with the interpreter of the PyTorch to be measured.
Reads a request a line on stdin (JSON), writes an answer a line on stdout:

  {"do": "describe"}                       -> {"version": ...}
  {"do": "settings", "workload": {...}}    -> {"settings": [{...}, ...]}
  {"do": "measure", "workload": {...}, "setting": {...}, "seconds": s}
                                           -> {"value": ...}

A training workload's value is images a second over full steps (choose the
batch, forward, loss, backward, optimiser); a prediction's is microseconds a
call (batch 1) or images a second. Knows nothing of numeral.
"""

import itertools
import json
import sys
import time
import warnings

import torch
import torch.nn.functional as F

from networks import Network


def load_data(images_path, labels_path):
    """Two IDX files as floats 0..1 and labels."""
    with open(images_path, "rb") as f:
        images = torch.frombuffer(bytearray(f.read()[16:]), dtype=torch.uint8)
    with open(labels_path, "rb") as f:
        labels = torch.frombuffer(bytearray(f.read()[8:]), dtype=torch.uint8)
    return images.reshape(-1, 1, 28, 28).float() / 255, labels.long()


def at_least_2():
    return int(torch.__version__.split(".")[0]) >= 2


def settings_for(workload):
    """Every combination worth trying; compare.py keeps the fastest."""
    names = {"mkldnn": [True, False], "channels_last": [False, True]}
    if workload["net"] == "mlp":
        names["channels_last"] = [False]
    if workload["task"] == "train":
        names["fused"] = [False, True] if at_least_2() else [False]
    else:
        names["script"] = [False, True]
        names["threads"] = [2, 1] if workload["batch"] == 1 else [2]
    return [dict(zip(names, v)) for v in itertools.product(*names.values())]


def make_optimizer(net, recipe, fused):
    extra = {"fused": True} if fused else {}
    if recipe == "sgd":
        return torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, **extra)
    return torch.optim.Adam(net.parameters(), lr=1e-3, **extra)


def layout(net, images, setting):
    if not setting["channels_last"]:
        return net, images
    return (net.to(memory_format=torch.channels_last),
            images.contiguous(memory_format=torch.channels_last))


def train_speed(workload, setting, seconds, images, labels):
    net, images = layout(Network(workload["net"]).initialise(), images, setting)
    optimizer = make_optimizer(net, workload["recipe"], setting["fused"])
    batch = workload["batch"]
    order = torch.randperm(len(labels))
    warm = max(4, 512 // batch)
    steps = 0
    start = None
    while True:
        at = steps * batch % (len(labels) - batch)
        rows = order[at:at + batch]
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(net(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
        steps += 1
        if steps == warm:
            start = time.perf_counter()
        elif start and time.perf_counter() - start >= seconds:
            return (steps - warm) * batch / (time.perf_counter() - start)


def predict_speed(workload, setting, seconds, images):
    batch = workload["batch"]
    net, images = layout(Network(workload["net"]).initialise().eval(), images[:batch * 16], setting)
    batches = [images[i * batch:(i + 1) * batch] for i in range(16)]
    with torch.inference_mode():
        if setting["script"]:
            net = torch.jit.freeze(torch.jit.trace(net, batches[0]))
            net = torch.jit.optimize_for_inference(net)
        times = []
        end = time.perf_counter() + seconds + 0.1
        while time.perf_counter() < end:
            for x in batches:
                start = time.perf_counter()
                F.softmax(net(x), dim=1)
                times.append(time.perf_counter() - start)
    times = sorted(times[len(times) // 10:])
    middle = times[len(times) // 2]
    return middle * 1e6 if batch == 1 else batch / middle


def measure(request, images, labels):
    setting, workload = request["setting"], request["workload"]
    torch.set_num_threads(setting.get("threads", 2))
    with torch.backends.mkldnn.flags(enabled=setting["mkldnn"]):
        if workload["task"] == "train":
            return train_speed(workload, setting, request["seconds"], images, labels)
        return predict_speed(workload, setting, request["seconds"], images)


def main():
    torch.manual_seed(1)
    images, labels = load_data(*sys.argv[1:3])
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "describe":
            answer = {"version": torch.__version__}
        elif request["do"] == "settings":
            answer = {"settings": settings_for(request["workload"])}
        else:
            answer = {"value": measure(request, images, labels)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()

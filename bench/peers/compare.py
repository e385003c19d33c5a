"""compare.py: numeral and its peers, measured in turns. See bench/peers.sh.

For each peer the fastest of its settings is looked for first, workload by
workload; then all programs are measured one after the other, round after
round, so that a slow minute of the machine strikes all alike. Needs Python
alone; the peers' interpreters run worker.py.
"""

import argparse
import datetime
import gzip
import json
import os
import platform
import random
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
THREADS = 2
WORKLOADS = [
    dict(task="train", net="cnn", batch=64, recipe="adam"),
    dict(task="train", net="cnn", batch=256, recipe="adam"),
    dict(task="train", net="cnn-100", batch=64, recipe="sgd"),
    dict(task="train", net="mlp", batch=64, recipe="adam"),
    dict(task="predict", net="cnn", batch=1),
    dict(task="predict", net="cnn", batch=256),
]
# glibc gives large blocks back to the system after every layer unless told not to
ALLOCATORS = {
    "glibc's": {},
    "glibc's, keeping its memory": {"MALLOC_MMAP_MAX_": "0",
                                    "MALLOC_TRIM_THRESHOLD_": "4000000000",
                                    "MALLOC_TOP_PAD_": "200000000"},
}


def lower_is_better(workload):
    return workload["task"] == "predict" and workload["batch"] == 1


def unit(workload):
    return "µs" if lower_is_better(workload) else "images/s"


def title(workload):
    return f"{workload['task']} {workload['net']}, batch {workload['batch']}"


# ---- data: the same two IDX files for all

def idx_header(dims):
    return bytes([0, 0, 8, len(dims)]) + b"".join(d.to_bytes(4, "big") for d in dims)


def find_mnist(name):
    base = os.environ.get("NUMERAL_DATA_DIR", "data")
    for folder in (base, os.path.join(base, "mnist")):
        for path, opener in ((os.path.join(folder, name + ".gz"), gzip.open),
                             (os.path.join(folder, name), open)):
            if os.path.exists(path):
                with opener(path, "rb") as f:
                    return f.read()
    return None


def prepare_data(folder):
    """Paths of images and labels, and what they are."""
    os.makedirs(folder, exist_ok=True)
    images, labels = find_mnist("train-images-idx3-ubyte"), find_mnist("train-labels-idx1-ubyte")
    kind = "MNIST's training set"
    if images is None or labels is None:
        source = random.Random(1)
        images = idx_header([10000, 28, 28]) + source.randbytes(10000 * 784)
        labels = idx_header([10000]) + bytes(source.randrange(10) for _ in range(10000))
        kind = "10,000 random images (MNIST was not found; NUMERAL_DATA_DIR names its folder)"
    paths = [os.path.join(folder, name) for name in ("images.idx", "labels.idx")]
    for path, content in zip(paths, (images, labels)):
        with open(path, "wb") as f:
            f.write(content)
    return paths, kind


# ---- programs

class Numeral:
    name = "numeral"

    def __init__(self, program, data):
        self.program, self.data, self.settings = program, data, {}

    def measure(self, workload, seconds):
        threads = 1 if workload["batch"] == 1 else THREADS
        command = [self.program, workload["task"], workload["net"], str(workload["batch"]),
                   str(threads), str(seconds), *self.data]
        return float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def tune(self, workload):
        """numeral has no settings."""

    def close(self):
        """Each measurement is a process of its own."""


class Peer:
    """A PyTorch: one worker process for each way to allocate memory."""

    def __init__(self, name, python, data):
        self.workers, self.settings = {}, {}
        for allocator, extra in ALLOCATORS.items():
            self.workers[allocator] = subprocess.Popen(
                [python, os.path.join(HERE, "worker.py"), *data], env=self.environment(extra),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True)
        answers = [self.ask(allocator, {"do": "describe"}) for allocator in ALLOCATORS]
        self.name = f"{name} {answers[0]['version']}"

    @staticmethod
    def environment(extra):
        env = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
        env.update(OMP_PROC_BIND="true", OMP_NUM_THREADS=str(THREADS), **extra)
        openmp_blas = f"/usr/lib/{platform.machine()}-linux-gnu/openblas-openmp"
        if os.path.isdir(openmp_blas):
            env["LD_LIBRARY_PATH"] = openmp_blas
        return env

    def ask(self, allocator, request):
        worker = self.workers[allocator]
        worker.stdin.write(json.dumps(request) + "\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
        if not line:
            raise EOFError
        return json.loads(line)

    def try_setting(self, workload, allocator, setting, seconds):
        return self.ask(allocator, {"do": "measure", "workload": workload, "setting": setting,
                                    "seconds": seconds})["value"]

    def tune(self, workload):
        """Every setting once, briefly; the best four again, longer."""
        sign = -1 if lower_is_better(workload) else 1
        choices = [(a, s) for a in ALLOCATORS
                   for s in self.ask(a, {"do": "settings", "workload": workload})["settings"]]
        for keep, seconds in ((4, 0.2), (1, 0.6)):
            choices.sort(key=lambda c: -sign * self.try_setting(workload, *c, seconds))
            choices = choices[:keep]
        self.settings[title(workload)] = choices[0]

    def measure(self, workload, seconds):
        return self.try_setting(workload, *self.settings[title(workload)], seconds)

    def close(self):
        for worker in self.workers.values():
            worker.stdin.close()
            worker.wait()


def start_peers(wanted, data):
    peers, absent = [], []
    for item in wanted:
        name, python = item.split("=", 1)
        try:
            peers.append(Peer(name, python, data))
        except (OSError, EOFError):
            absent.append(name)
            print(f"bench-peers: {name} is absent ({python} has no torch)", file=sys.stderr)
    return peers, absent


# ---- measuring and writing

def measure_all(programs, rounds, seconds):
    values = {title(w): {p.name: [] for p in programs} for w in WORKLOADS}
    for workload in WORKLOADS:
        print(f"bench-peers: {title(workload)}", file=sys.stderr)
        for program in programs:
            program.tune(workload)
        for r in range(rounds):
            for program in programs[r % len(programs):] + programs[:r % len(programs)]:
                values[title(workload)][program.name].append(program.measure(workload, seconds))
    return values


def cell(values):
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} - {max(values):,.0f})"


def ratio(workload, ours, theirs):
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    return f"{theirs / ours if lower_is_better(workload) else ours / theirs:.2f}"


def table(programs, values):
    ours, *peers = programs
    head = ["", "", ours.name] + [c for p in peers for c in (p.name, "ratio")]
    lines = ["| " + " | ".join(head) + " |", "|---|---|" + "---:|" * (len(head) - 2)]
    for workload in WORKLOADS:
        row = values[title(workload)]
        cells = [title(workload), unit(workload), cell(row[ours.name])]
        for peer in peers:
            cells += [cell(row[peer.name]), ratio(workload, row[ours.name], row[peer.name])]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def setting_text(allocator, setting):
    words = [name if value is True else f"no {name}" if value is False else f"{value} {name}"
             for name, value in setting.items()]
    return f"{', '.join(words)}; memory {allocator}"


def processor():
    try:
        with open("/proc/cpuinfo") as f:
            return next(l.split(":", 1)[1].strip() for l in f if l.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def report(programs, absent, values, kind, args, load):
    lines = [
        "# numeral and its peers", "",
        "Written by `make bench-peers` (bench/peers.sh). Median (lowest - highest) of "
        f"{args.rounds} rounds in turns, {args.seconds:g} s each, {THREADS} threads, float32. "
        "The ratio says how many times as fast numeral is.", "",
        f"- date: {datetime.date.today()}",
        f"- processor: {processor()}, {os.cpu_count()} cores; load average before and "
        f"after: {load[0]:.1f}, {os.getloadavg()[0]:.1f}"
        " (above 2 after: other programs took part of the machine)",
        f"- data: {kind}", ""]
    lines += table(programs, values)
    lines += ["", "Training: whole steps (batch chosen, forward, loss, backward, optimiser), "
              "`cnn` and `mlp` with Adam, `cnn-100` with SGD and momentum. Prediction: a call, "
              "from pixels to probabilities; numeral starts from bytes, PyTorch from floats."]
    for name in absent:
        lines += ["", f"{name}: absent."]
    for peer in programs[1:]:
        lines += ["", f"Fastest settings of {peer.name} (OMP_PROC_BIND=true, "
                  "OPENBLAS_CORETYPE unset, OpenMP's OpenBLAS where installed; eager unless "
                  "\"script\": traced, frozen, optimised for inference):", ""]
        lines += [f"- {t}: {setting_text(*s)}" for t, s in peer.settings.items()]
    with open(args.output, "w") as f:
        f.write("\n".join(lines) + "\n")
    print("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--numeral", required=True)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--output", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.8)
    args = parser.parse_args()
    load = os.getloadavg()
    data, kind = prepare_data(os.path.join(os.path.dirname(args.numeral), "peers-data"))
    peers, absent = start_peers(args.peer, data)
    programs = [Numeral(args.numeral, data), *peers]
    values = measure_all(programs, args.rounds, args.seconds)
    report(programs, absent, values, kind, args, load)
    for program in programs:
        program.close()


if __name__ == "__main__":
    main()

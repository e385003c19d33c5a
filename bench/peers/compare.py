"""compare.py: numeral and its peers, measured in turns. See bench/peers.sh.

For each workload, every program and precision first looks for its fastest
settings; then all are measured one after the other, round after round, so that a
slow minute of the machine strikes all alike. Needs Python alone; the peers'
interpreters run their workers (worker.py).
"""

import argparse
import datetime
import os
import platform
import re
import sys

import cold_start
import idx_data
import kernel_rates
import report
from programs import Absent, Numeral, Peer, lower_is_better

THREADS = 2
TRAINING = [("cnn", 64), ("cnn", 256), ("cnn-64", 64), ("cnn-100", 64), ("mlp", 64),
            ("lenet5", 64), ("fast", 256), ("robust", 64), ("best", 64), ("deep", 64),
            ("resnet", 64), ("mobilenet", 64)]
PREDICTION = [("cnn", 1, 1), ("cnn", 256, THREADS), ("robust", 1, 1), ("best", 1, 1),
              ("resnet", 1, 1), ("mobilenet", 1, 1)]  # network, batch, threads
# held to AVX2: numeral's mask takes every other feature away
AVX2 = {"NUMERAL_CPU_MASK": "0xfffffffe", "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}


def say(text):
    print(f"bench-peers: {text}", file=sys.stderr, flush=True)


def workloads(about, pattern):
    """{table: [workload]} of what `pattern` wants and numeral has a network for."""
    found = {"training": [], "prediction": [], "avx2": []}

    def add(table, task, net, batch, threads, unit):
        title = f"{net}, batch {batch}"
        if net in about["networks"] and re.search(pattern, f"{table} {title}"):
            found[table].append(dict(task=task, net=net, batch=batch, threads=threads,
                                     title=title, unit=unit, **about["networks"][net]))
    for net, batch in TRAINING:
        add("training", "train", net, batch, THREADS, "")
    for net, batch, threads in PREDICTION:
        add("prediction", "predict", net, batch, threads,
            "one thread, µs" if batch == 1 else f"{threads} threads, images/s")
    add("avx2", "train", "cnn", 64, THREADS, "")
    return found


class Bench:
    """The run: its programs, what is absent and why."""

    def __init__(self, args):
        self.args, self.absent = args, {}
        self.data, self.kind = idx_data.prepare(os.path.join(args.build, "peers-data"))
        self.numeral = Numeral(self.path("time_numeral"), self.data, THREADS)

    def path(self, name):
        return os.path.join(self.args.build, name)

    def python(self, folder):
        return os.path.join(self.args.build, folder, "bin", "python")

    def torches(self):
        return [("Debian's PyTorch", "/usr/bin/python3"),
                ("PyPI's PyTorch", self.python("peers"))]

    def start_peers(self, wanted):
        """wanted: arguments of Peer without the data."""
        peers = []
        for name, python, worker, *rest in wanted:
            try:
                peers.append(Peer(name, python, worker, self.data, *rest))
            except Absent as why:
                self.absent[name] = str(why)
                say(f"{name} is absent: {why}")
        return peers

    def frameworks(self):
        torches = [(name, python, "torch_worker.py") for name, python in self.torches()]
        return self.start_peers([
            *torches,
            ("Keras", self.python("peers-tensorflow"), "keras_worker.py", None, ("kept",)),
            ("ONNX Runtime", self.python("peers-onnxruntime"), "onnx_worker.py", None,
             ("kept",))])

    def tuned(self, workload, programs, precisions):
        """[(program, workload in one precision)] of all that works."""
        entries = []
        for program in programs:
            for precision in program.precisions(workload):
                task = {**workload, "precision": precision}
                try:
                    if precision in precisions:
                        program.tune(task)
                        entries.append((program, task))
                except Absent as why:
                    self.absent[f"{program.name}, {precision}, to {task['task']} "
                                f"{task['title']}"] = str(why)
        return entries

    def column(self, workload, programs, precisions):
        """Measures one workload, all programs and precisions in turns."""
        say(f"{workload['task']} {workload['title']}")
        entries = self.tuned(workload, programs, precisions)
        cells = {(program.name, task["precision"]): [] for program, task in entries}
        for r in range(self.args.rounds):
            at = r % max(len(entries), 1)
            for program, task in entries[at:] + entries[:at]:
                cells[program.name, task["precision"]].append(
                    program.measure(task, self.args.seconds))
        for program in programs:
            program.close()  # what a library compiled for this workload is let go
        return report.Column(workload, cells, programs[0].name, lower_is_better(workload))

    def speeds(self, wanted, programs, peak=None, precisions=report.PRECISIONS):
        return report.speed_table([self.column(w, programs, precisions) for w in wanted], peak)

    def avx2(self, wanted):
        ours = Numeral(self.path("time_numeral"), self.data, THREADS, AVX2)
        peers = self.start_peers([(name, python, "torch_worker.py", AVX2)
                                  for name, python in self.torches()])
        lines = [f"numeral's instruction set here: {ours.about['instruction_set']}.", "",
                 *self.speeds(wanted, [ours, *peers], precisions=("fp32",))]
        lines += report.settings_list(peers)
        for peer in peers:
            peer.close()
        return lines

    def kernels(self):
        say("kernels")
        self.absent["oneDNN 3.13 (PyPI's onednn 2026.1)"] = (
            "not tried: its runtime, SYCL, comes without what finds a processor")
        programs = [kernel_rates.NumeralKernels(self.path("time_numeral"))]
        programs += kernel_rates.start_peers(
            [("Debian's oneDNN", self.path("peers-time/onednn-debian")),
             ("PyPI's oneDNN", self.path("peers-time/onednn-pypi")),
             ("Debian's OpenBLAS", self.path("peers-time/openblas-debian")),
             ("PyPI's OpenBLAS", self.path("peers-time/openblas-pypi"))], self.absent)
        values = kernel_rates.measure_all(programs, THREADS, self.args.rounds)
        return report.kernel_tables(values, "numeral", [p.name for p in programs])

    def cold_start(self):
        say("cold start")
        found = cold_start.commands(self.path("numeral"), self.torches(),
                                    self.path("peers-data"))
        values = cold_start.measure_all(self.path("peers-time/process"), found, self.args.rounds)
        return [*cold_start.table(values), ""]


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            return next(l.split(":", 1)[1].strip() for l in f if l.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


TRAINING_NOTE = """Images a second over whole steps: batch chosen, forward, loss, backward,
optimiser (the network's own recipe). 2 threads. bf16 is each program's faster way: products
alone (autocast, mixed_bfloat16), or all numbers. The share of the peak counts the operations
of the plain algorithm, 15.4 million an image for `cnn`, however few a program gets by with."""
PREDICTION_NOTE = """One call, from pixels to probabilities, with weights prepared. numeral
starts from bytes, its peers from floats. int8: PyTorch's and ONNX Runtime's static
quantisation, and TensorFlow Lite's, calibrated on training images; speed alone is compared
here, with weights that were not trained."""
AVX2_NOTE = """The same held to AVX2: NUMERAL_CPU_MASK; ATEN_CPU_CAPABILITY=avx2 and
ONEDNN_MAX_CPU_ISA=AVX2. Images a second, 2 threads, fp32."""
KERNEL_NOTE = """GFLOP/s, counting only operations that the result needs. For its peers the
better one of batch 64 and 8 and of their memory formats, neither reorders nor bias nor relu
counted; numeral's one image at a time, warm as in a training step, bias and relu included."""
COLD_NOTE = """From nothing to a printed digit: one process, one 28 x 28 PNG, the disk's cache
warm. The ratio says how many times as long the peer takes."""


def document(bench, sections, load, started):
    lines = ["# numeral and its peers", "",
             *report.paragraph(
                 "Written by `make bench-peers` (bench/peers.sh). Each figure is the median "
                 f"(lowest - highest) of {bench.args.rounds} rounds in turns; a round of "
                 f"training or prediction lasts {bench.args.seconds:g} s."),
             f"- date: {datetime.date.today()}",
             f"- processor: {processor()}, {os.cpu_count()} cores; load average before and "
             f"after: {load[0]:.1f}, {os.getloadavg()[0]:.1f}"
             " (above 2 after: other programs took part of the machine)",
             f"- multiply-add peak, measured: {bench.numeral.about['peak_gflops']:,.0f} GFLOP/s "
             f"in fp32 on {THREADS} threads",
             f"- data: {bench.kind}",
             f"- command: `bench/peers/compare.py {' '.join(sys.argv[1:])}`",
             f"- took: {(datetime.datetime.now() - started).seconds} s", ""]
    for title, note, body in sections:
        lines += [f"## {title}", "", *(report.paragraph(" ".join(note.split())) if note else []),
                  *body]
    if bench.absent:
        lines += ["## Absent", ""]
        lines += [f"- {name}: {' '.join(why.split())}" for name, why in bench.absent.items()]
    return "\n".join(lines).rstrip() + "\n"


def measure(bench):
    """[(title, note, lines)] of what --only wants."""
    wanted = workloads(bench.numeral.about, bench.args.only)
    sections, programs = [], [bench.numeral]
    if wanted["training"] or wanted["prediction"]:
        programs += bench.frameworks()
    if wanted["training"]:
        sections.append(("Training", TRAINING_NOTE, bench.speeds(
            wanted["training"], programs, bench.numeral.about["peak_gflops"])))
    if wanted["prediction"]:
        sections.append(("Prediction", PREDICTION_NOTE,
                         bench.speeds(wanted["prediction"], programs)))
    settings = report.settings_list(programs)
    for program in programs:
        program.close()
    if wanted["avx2"]:
        sections.append(("Training held to AVX2", AVX2_NOTE, bench.avx2(wanted["avx2"])))
    if re.search(bench.args.only, "kernels"):
        sections.append(("Kernels", KERNEL_NOTE, bench.kernels()))
    if re.search(bench.args.only, "cold start"):
        sections.append(("Cold start", COLD_NOTE, bench.cold_start()))
    if settings:
        sections.append(("Fastest settings found", "", settings))
    return sections


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build", help="where programs and peers are")
    parser.add_argument("--output", default="bench/results.md")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.4)
    parser.add_argument("--only", default="", metavar="PATTERN",
                        help="rows to run, e.g. 'training cnn', prediction, avx2, kernels, "
                        "'cold start'")
    args = parser.parse_args()
    load, started = os.getloadavg(), datetime.datetime.now()
    bench = Bench(args)
    text = document(bench, measure(bench), load, started)
    with open(args.output, "w", encoding="utf-8") as f:
        f.write(text)
    print(text)


if __name__ == "__main__":
    main()

"""serve_bench.py: numeral serve beside Flask, in one run. Called by
bench/serve.sh, which has built what it needs.

    serve_bench.py [--output FILE] [--rounds N] [--seconds S]
    serve_bench.py --soak N
"""

import argparse
import datetime
import platform
import shlex
import statistics
import subprocess
import sys

import serve_parts as parts
from report import paragraph, spread, table

CONNECTIONS = (1, 8, 64)
BATCH_CONNECTIONS = 4
PRECISIONS = ("fp32", "bf16", "int8")
FLASKS = ("sync", "gthread")
PORT = 18400
PNG, JSON, BINARY = "image/png", "application/json", "application/octet-stream"
LATENCIES = ("p50_ms", "p90_ms", "p99_ms", "p999_ms")


class Bench:
    """results: {(server's name, what): [values]}"""

    def __init__(self, options):
        self.options, self.bodies, self.results = options, parts.Bodies(), {}
        self.latencies, self.notes, self.names = {}, [], []
        self.machine = machine()  # its load, before there is any of ours

    def keep(self, server, what, value):
        self.results.setdefault((server.name, what), []).append(value)

    def median(self, name, what):
        values = self.results.get((name, what))
        return statistics.median(values) if values else 0

    # ---- Measuring

    def measure_pictures(self, server):
        for connections in CONNECTIONS:
            rate, cost = parts.wrk(server, "/v1/predict", self.bodies.picture, PNG,
                                   connections, self.options.seconds)
            self.keep(server, connections, rate)
        self.keep(server, "cost", cost)  # of the most connections

    def measure_batches(self, server, has_protocol):
        seconds = self.options.seconds
        rate, cost = parts.wrk(server, "/v1/predict", self.bodies.batch, JSON,
                               BATCH_CONNECTIONS, seconds)
        self.keep(server, "json", parts.BATCH * rate)
        self.keep(server, "json cost", cost / parts.BATCH)
        if not has_protocol:
            return
        rate, cost = parts.wrk(server, "/v2/models/default/infer", self.bodies.binary,
                               BINARY, BATCH_CONNECTIONS, seconds,
                               (parts.BINARY_HEADER, str(self.bodies.binary_head)))
        self.keep(server, "binary", parts.BATCH * rate)
        self.keep(server, "binary cost", cost / parts.BATCH)

    def measure_latency(self, server):
        """At half of what 64 connections got in this round."""
        rate = self.results[server.name, CONNECTIONS[-1]][-1] / 2
        said = parts.steady(server, self.bodies.picture, PNG, f"{rate:.0f}", 16,
                            max(100, rate * self.options.seconds))
        self.latencies.setdefault(server.name, []).append(
            {"offered": rate, **said})

    def measure(self, server, has_protocol):
        with server:
            if server.name not in self.names:
                self.names.append(server.name)
            server.wait(self.bodies.picture, PNG)
            parts.wrk(server, "/v1/predict", self.bodies.picture, PNG, 8, 1)
            self.measure_pictures(server)
            self.measure_batches(server, has_protocol)
            self.measure_latency(server)

    def check_same(self):
        """Both must have the same network."""
        answers = []
        for server in (parts.numeral("fp32", PORT), parts.flask("sync", PORT + 1)):
            with server:
                server.wait(self.bodies.picture, PNG)
                answers.append(server.wait(self.bodies.batch, JSON)["predictions"])
        furthest = max(abs(p - q) for a, b in zip(*answers)
                       for p, q in zip(a["probabilities"], b["probabilities"]))
        if furthest > 1e-4:
            raise RuntimeError(f"Flask's network is another one: probabilities differ "
                               f"by up to {furthest}")

    def run(self):
        with_flask = parts.python_with_flask() is not None
        if with_flask:
            self.check_same()
        else:
            self.notes.append("Flask, gunicorn, PyTorch or Pillow was not to be had here "
                              "(scripts/setup.sh --bench).")
        for round_number in range(self.options.rounds):
            print(f"bench-serve: round {round_number + 1} of {self.options.rounds}",
                  file=sys.stderr)
            for precision in PRECISIONS:
                try:
                    self.measure(parts.numeral(precision, PORT), True)
                except RuntimeError as problem:
                    self.notes.append(f"numeral {precision}: {problem}")
            for kind in FLASKS if with_flask else ():
                self.measure(parts.flask(kind, PORT + 1), False)

    # ---- Telling

    def rows(self, columns):
        return [[name, *(spread(self.results.get((name, c), [])) for c in columns)]
                for name in self.names]

    def best_flask(self, what):
        flasks = [n for n in self.names if n.startswith("Flask")]
        return max(flasks, key=lambda n: self.median(n, what), default=None)

    def ratios(self):
        lines = []
        for what, label in ((1, "1 connection"), (8, "8 connections"),
                            (64, "64 connections"), ("json", "batches as JSON")):
            flask = self.best_flask(what)
            if flask:
                ratio = self.median("numeral fp32", what) / self.median(flask, what)
                lines.append(f"{label}: {ratio:.1f} times {flask}")
        return "numeral fp32 over the better of the two, " + "; ".join(lines) + "."

    def latency_rows(self):
        rows = []
        for name in self.names:
            runs = self.latencies[name]
            middle = {key: statistics.median(r[key] for r in runs)
                      for key in ("offered", *LATENCIES)}
            rows.append([name, f"{middle['offered']:,.0f}",
                         *(f"{middle[key]:.2f}" for key in LATENCIES)])
        return rows

    def text(self):
        lines = ["# numeral serve beside Flask", "",
                 *paragraph(self.machine), *paragraph(versions()),
                 *paragraph("Server and load generator share the processors. Median of "
                            f"{self.options.rounds} rounds, one server after the other in "
                            f"each, {self.options.seconds} s a figure (lowest - highest). "
                            "Every server has the network `cnn` and as many threads or "
                            "workers as there are processors; nobody logs. Flask does less: "
                            "it takes a picture as it is, where numeral looks for the digit "
                            "in it. Command: "
                            f"`bench/serve.sh {shlex.join(sys.argv[1:])}`".rstrip() + ".")]
        lines += ["## A picture a request", "",
                  *paragraph("Requests a second: POST /v1/predict, a PNG of 28 x 28 "
                             f"({self.bodies.source}:test:3), over keep-alive (gunicorn's sync workers have none), by number of "
                             "connections; wrk. Last, what a request cost the server at "
                             f"{CONNECTIONS[-1]} connections, in microseconds of "
                             "processor, which other programs on the machine change "
                             "least."),
                  *table([["", *map(str, CONNECTIONS), "cost"],
                          *self.rows((*CONNECTIONS, "cost"))]),
                  *paragraph(self.ratios()),
                  f"## {parts.BATCH} images a request", "",
                  *paragraph(f"Images a second, {BATCH_CONNECTIONS} connections: POST "
                             "/v1/predict with JSON, and the Open Inference Protocol with "
                             "binary tensors both ways. Costs are those of an image."),
                  *table([["", "JSON", "cost", "binary", "cost"],
                          *self.rows(("json", "json cost", "binary", "binary cost"))]),
                  "## Latency", "",
                  *paragraph("Milliseconds from when a request was due to its whole reply, "
                             "at half of the rate that 64 connections reached in the same "
                             "round, sent at a steady rate over 16 connections "
                             "(bench/serve/steady_load.c)."),
                  *table([["", "requests/s", "p50", "p90", "p99", "p99.9"],
                          *self.latency_rows()])]
        for note in dict.fromkeys(self.notes):
            lines += paragraph(note)
        return "\n".join(lines).rstrip() + "\n"


# ---- The machine

def first_line(*command):
    try:
        said = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return (said.stdout or said.stderr).strip().split("\n")[0]


def machine():
    name = ""
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                name = line.split(": ", 1)[1].strip()
    with open("/proc/loadavg") as f:
        load = f.read().split()[0]
    processors = first_line("nproc")
    return (f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}, {name}, "
            f"{processors} processors, Linux {platform.release()}; load before the run: "
            f"{load}.")


def versions():
    told = [first_line(parts.NUMERAL, "--version"),
            "libmicrohttpd " + first_line("pkg-config", "--modversion", "libmicrohttpd"),
            " ".join(first_line("wrk", "-v").split()[:2])]
    python = parts.python_with_flask()
    if python:
        told.append(first_line(
            python, "-c", "import platform, flask, gunicorn, torch, PIL; print('Python', "
            "platform.python_version() + ', Flask', flask.__version__ + ', gunicorn', "
            "gunicorn.__version__ + ', PyTorch', torch.__version__ + ', Pillow', "
            "PIL.__version__)"))
    return "; ".join(told) + "."


# ---- Soak

def soak(count):
    """Memory over `count` requests, every tenth of them."""
    bodies = parts.Bodies()
    print(f"{'requests':>10} {'requests/s':>10} {'p99 ms':>8} {'resident MB':>12}")
    with parts.numeral("fp32", PORT) as server:
        server.wait(bodies.picture, PNG)
        print(f"{1:>10} {'':>10} {'':>8} {server.resident_mb():>12.2f}")
        for tenth in range(10):
            said = parts.steady(server, bodies.picture, PNG, 0, 64, count // 10)
            print(f"{(tenth + 1) * (count // 10):>10} {said['rate']:>10,.0f} "
                  f"{said['p99_ms']:>8.2f} {server.resident_mb():>12.2f}", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--output", default="bench/serve.md")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--soak", type=int, metavar="N")
    options = options.parse_args()
    parts.end_on_signals()
    if options.soak:
        soak(options.soak)
        return
    bench = Bench(options)
    bench.run()
    with open(options.output, "w") as f:
        f.write(bench.text())
    print(f"bench-serve: {options.output} is written", file=sys.stderr)


if __name__ == "__main__":
    main()

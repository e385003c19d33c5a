"""kernel_rates.py: numeral's kernels beside those of oneDNN and OpenBLAS.

All programs print their rates as JSON lines; rows are matched by kernel, shape,
precision and threads, and rows that numeral does not have are left out.
"""

import json
import os
import subprocess

CONV, FIRST_CONV = "13x13x32 -> 11x11x64 3x3", "28x28x1 -> 26x26x32 3x3"
DENSE = "64 x 1600 -> 128"
ROWS = [("conv forward", FIRST_CONV), ("conv weight gradient", FIRST_CONV),
        ("conv forward", CONV), ("conv data gradient", CONV), ("conv weight gradient", CONV),
        ("dense forward", DENSE), ("dense data gradient", DENSE),
        ("dense weight gradient", DENSE)]


def lines_of(command, env):
    done = subprocess.run(command, env=env, text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return [json.loads(line) for line in done.stdout.splitlines()]


def rates_of(lines, threads):
    """(kernel, shape, precision, threads) -> GFLOP/s."""
    rates = {}
    for line in lines:
        if "kernel" in line:
            key = (line["kernel"], line["shape"], line.get("precision", "fp32"),
                   line.get("threads", threads))
            rates[key] = line["gflops"]
    return rates


class NumeralKernels:
    name = "numeral"

    def __init__(self, program):
        self.program = program

    def measure(self, threads):
        del threads  # numeral reports all that it has, and says for how many
        return rates_of(lines_of([self.program, "kernels"], None), 1)


class PeerKernels:
    def __init__(self, name, program):
        self.program = program
        version = [line for line in self.lines(1) if "version" in line]
        if not version:
            raise OSError(program)
        self.name = f"{name} {version[0]['version']}"

    def lines(self, threads):
        env = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
        env.update(OMP_PROC_BIND="true", OMP_NUM_THREADS=str(threads))
        return lines_of([self.program, str(threads)], env)

    def measure(self, threads):
        return rates_of(self.lines(threads), threads)


def start_peers(wanted, absent):
    """wanted: [(name, program)]; what cannot run goes to `absent` with its reason."""
    peers = []
    for name, program in wanted:
        try:
            peers.append(PeerKernels(name, program))
        except OSError:
            absent[name] = "its library is not installed, or does not run here"
    return peers


def measure_all(programs, threads, rounds):
    """{(kernel, shape, precision, threads): {program: [rate of each round]}}"""
    values = {(*row, precision, count): {} for precision in ("fp32", "bf16")
              for count in sorted({1, threads}) for row in ROWS}
    for r in range(rounds):
        turn = programs[r % len(programs):] + programs[:r % len(programs)]
        for program in turn:
            for count in sorted({1, threads}):
                if count > 1 and isinstance(program, NumeralKernels):
                    continue
                for key, rate in program.measure(count).items():
                    if key in values:
                        values[key].setdefault(program.name, []).append(rate)
    return {key: cells for key, cells in values.items() if programs[0].name in cells}

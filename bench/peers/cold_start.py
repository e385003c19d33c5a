"""cold_start.py: whole processes that read one digit from one file.

numeral's program beside a script that imports PyTorch (predict_file.py): wall
time and largest resident set of each process, in turns. The disk's cache is
warm, as it is on the second call in any shell.
"""

import os
import statistics
import struct
import subprocess
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = {"numeral": 20, "peer": 4}  # processes a round: five rounds make 100 and 20


def write_digit(path):
    """A 1: a dark bar on white, 28 x 28, unfiltered."""
    row, bar = b"\0" + b"\xff" * 28, b"\0" + b"\xff" * 12 + b"\0" * 4 + b"\xff" * 12
    rows = row * 4 + bar * 20 + row * 4
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0)),
              (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + kind + body +
            struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks))


def run(clock, count, command):
    """[(seconds, kilobytes)] of each process."""
    done = subprocess.run([clock, str(count), *command], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    pairs = [line.split() for line in done.stdout.splitlines()]
    return [(float(seconds), int(kilobytes)) for seconds, kilobytes in pairs]


def commands(numeral, peers, folder):
    """{name: command}: numeral's program and each interpreter that has torch."""
    picture = os.path.join(folder, "digit.png")
    write_digit(picture)
    found = {"numeral predict digit.png": [numeral, "predict", picture]}
    for name, python in peers:
        weights = os.path.join(folder, "weights.pt")
        script = [python, os.path.join(HERE, "predict_file.py"), f"{weights}.{len(found)}"]
        try:
            subprocess.run(script, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            continue
        found[f"python predict_file.py digit.png, {name}"] = [*script, picture]
    return found


def measure_all(clock, found, rounds):
    """{name: ([seconds], [kilobytes])}"""
    values = {name: ([], []) for name in found}
    for command in found.values():
        run(clock, 2, command)
    for _ in range(rounds):
        for number, (name, command) in enumerate(found.items()):
            for seconds, kilobytes in run(clock, RUNS["peer" if number else "numeral"], command):
                values[name][0].append(seconds)
                values[name][1].append(kilobytes)
    return {name: pair for name, pair in values.items() if pair[0]}


def table(values):
    ours = next(iter(values.values()))
    lines = ["| whole process | wall time, ms | ratio | largest resident set, MB |",
             "|---|---:|---:|---:|"]
    for name, (seconds, kilobytes) in values.items():
        ratio = statistics.median(seconds) / statistics.median(ours[0])
        lines.append(f"| `{name}` | {1e3 * statistics.median(seconds):,.1f} "
                     f"({1e3 * min(seconds):,.1f} - {1e3 * max(seconds):,.1f}) | {ratio:,.0f} | "
                     f"{statistics.median(kilobytes) * 1024 / 1e6:,.1f} |")
    return lines

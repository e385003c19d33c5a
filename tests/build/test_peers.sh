#!/bin/sh
# The bench of the peers: reads every named network, finds the faster setting of
# a peer that answers fixed speeds, and divides the right way round.
set -eu
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$SOURCE_DIR/bench/peers"

cat >"$scratch/fake_worker.py" <<'PYTHON'
import worker

class Fake(worker.Worker):
    def describe(self):
        return {"version": "1", "train": ["fp32", "bf16"], "predict": ["fp32"]}

    def settings(self, workload):
        return {"fast": [False, True], "broken": [False, True]}

    def prepare(self, workload, setting):
        if setting["broken"] or workload["precision"] == "bf16":
            raise ValueError("cannot")
        return 200.0 if setting["fast"] else 100.0

worker.training_speed = worker.prediction_speed = lambda run, batch, seconds: run
worker.serve(Fake())
PYTHON

cat >"$scratch/check.py" <<'PYTHON'
import sys

import report
from programs import Absent, Peer
from spec import named_networks, parse, same_padding

networks = named_networks(sys.argv[1])
assert [item.kind for item in parse(networks["mlp"])] == ["flatten", "dense", "dense"]
assert all(parse(text) for text in networks.values())
conv = parse("conv 6 5x3 same stride 2 relu he")[0]
assert (conv.units, conv.window, conv.stride, conv.same, conv.relu, conv.init) == \
    (6, (5, 3), 2, True, True, "he")
alone, norm, end = parse("conv 8 3x3 stride 2 groups 8 same, batchnorm relu6, add relu")
assert (alone.groups, alone.stride, conv.groups) == (8, 2, 1)
assert (norm.relu, norm.relu6, end.relu, end.relu6) == (False, True, True, False)
kinds = [item.kind for item in parse(networks["resnet"])]
assert kinds.count("residual") == kinds.count("add") == 9 and kinds.count("shortcut") == 2
assert same_padding(28, 5, 1) == (2, 2) and same_padding(28, 3, 2) == (0, 1)

peer = Peer("Fake", sys.executable, sys.argv[2], [], None, ("kept",))
for task, batch, fast in (("train", 64, True), ("predict", 256, True), ("predict", 1, False)):
    work = dict(task=task, batch=batch, threads=1, precision="fp32")
    peer.tune(work)
    assert peer.setting_of(work) == {"memory": "kept", "fast": fast, "broken": False}, work
    assert peer.measure(work, 0) == (200.0 if fast else 100.0)
try:
    peer.tune(dict(task="train", batch=64, threads=1, precision="bf16"))
    raise SystemExit("what a peer cannot do was measured")
except Absent as why:
    assert "cannot" in str(why)
peer.close()

work = dict(title="cnn", unit="", training_flops=2e9)
cells = {("ours", "fp32"): [30, 20, 40], ("ours", "bf16"): [60], ("a", "fp32"): [10],
         ("b", "bf16"): [15]}
lines = report.speed_table([report.Column(work, cells, "ours", lower=False)], peak_gflops=120)
for line in ("| ours, fp32 | 30 (20 - 40) |", "| **fastest peer** | b, bf16 |",
             "| **numeral's best: times as fast** | 4.00 |",
             "| **numeral in fp32: times as fast as peers in fp32** | 3.00 |",
             "| share of the fp32 peak, 120 GFLOP/s, in fp32 | 50% |",
             "| numeral in bf16 over its own fp32 | 2.00 |"):
    assert line in lines, (line, lines)
lines = report.speed_table([report.Column(work, cells, "ours", lower=True)])
assert "| **fastest peer** | a, fp32 |" in lines, lines
assert "| **numeral's best: times as fast** | 0.33 |" in lines, lines
PYTHON
python3 "$scratch/check.py" "$NUMERAL" "$scratch/fake_worker.py"

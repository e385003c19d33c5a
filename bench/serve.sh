#!/bin/bash
# serve.sh: numeral serve beside the same network in PyTorch behind Flask and
# gunicorn, in one run on this machine. Called by `make bench-serve`, which has
# installed wrk and the others. Writes bench/serve.md; about eight minutes, and
# the machine should do nothing else. Every server is ended, however this ends.
#
#   serve.sh [--output FILE] [--rounds N] [--seconds S]
#   serve.sh --soak N    N requests, and the memory in use at every tenth
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in wrk python3; do
  command -v "$tool" >/dev/null && continue
  echo "bench-serve: $tool is missing: run scripts/setup.sh --bench" >&2
  exit 1
done
cmake --log-level=NOTICE --preset release >/dev/null
cmake --build --preset release --target steady_load numeral >/dev/null
export PYTHONPATH=$PWD/bench/serve:$PWD/bench/peers PYTHONDONTWRITEBYTECODE=1
exec python3 bench/serve/serve_bench.py "$@"

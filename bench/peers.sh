#!/bin/bash
# peers.sh: numeral beside PyTorch, in one run on this machine. Called by
# `make bench-peers`, which has installed Debian's PyTorch; PyPI's is put into
# build/peers here. A peer that is not to be had is named absent. Writes
# bench/results.md. About five minutes; the machine should do nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=build/peers
pypi_torch=2.13.0

cmake --log-level=NOTICE --preset release >/dev/null
cmake --build --preset release --target time_numeral >/dev/null

if ! "$peers/bin/python" -c "import torch, numpy" 2>/dev/null; then
  echo "bench-peers: installing PyTorch $pypi_torch into $peers (log: $peers.log)"
  { python3 -m venv "$peers" &&
    "$peers/bin/pip" install --quiet "torch==$pypi_torch" numpy; } >"$peers.log" 2>&1 ||
    echo "bench-peers: PyTorch $pypi_torch is not to be had here"
fi

exec python3 bench/peers/compare.py --numeral build/time_numeral \
  --peer "Debian's PyTorch=/usr/bin/python3" \
  --peer "PyPI's PyTorch=$peers/bin/python" \
  --output bench/results.md "$@"

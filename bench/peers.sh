#!/bin/bash
# peers.sh: numeral beside its peers, in one run on this machine. Called by
# `make bench-peers`, which has installed Debian's peers; PyPI's are put into
# build/peers* here, each in its own virtual environment. What cannot be had is
# named absent. Writes bench/results.md; about 35 minutes, and the machine should
# do nothing else.
#
#   peers.sh [--only PATTERN] [--output FILE] [--rounds N] [--seconds S]
#
# PATTERN chooses rows: training, "training mlp", prediction, avx2, kernels,
# "cold start"; say another FILE with it, or the whole table is replaced.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake --log-level=NOTICE --preset release >/dev/null
cmake --build --preset release --target time_numeral numeral >/dev/null

# ---- PyPI: folder, what proves that it is there, packages
pypi() {
  local folder=build/$1 proof=$2
  shift 2
  [ ! -e "$folder/.complete" ] || return 0
  echo "bench-peers: installing $* into $folder (log: $folder.log)"
  if { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet "$@" &&
       "$folder/bin/python" -c "$proof"; } >"$folder.log" 2>&1; then
    touch "$folder/.complete"
  else
    echo "bench-peers: not to be had here: $*"
  fi
}
pypi peers "import torch, numpy" torch==2.13.0 numpy
pypi peers-tensorflow "import tensorflow, keras" tensorflow-cpu
pypi peers-onnxruntime "import onnxruntime, onnx" onnxruntime onnx
# onednn 2026.1 (oneDNN 3.13) installs too, but finds no processor: what its
# runtime, SYCL, needs for that is not in its packages
pypi peers-onednn "" onednn-devel-cpu-gomp
pypi peers-openblas "import scipy_openblas32" scipy-openblas32

# ---- programs that time a library's kernels
mkdir -p build/peers-time
compile() { # program, what to compile it with
  local program=build/peers-time/$1
  shift
  "$@" -o "$program" 2>"$program.log" || rm -f "$program"
}
compile process cc -O2 bench/peers/time_process.c
onednn=build/peers-onednn
compile onednn-debian g++ -O2 -std=c++17 bench/peers/time_onednn.cpp -ldnnl
compile onednn-pypi g++ -O2 -std=c++17 -I"$onednn/include" bench/peers/time_onednn.cpp \
  -L"$onednn/lib" -ldnnl -Wl,-rpath,"$PWD/$onednn/lib"
compile openblas-debian cc -O2 bench/peers/time_openblas.c \
  -I"/usr/include/$(uname -m)-linux-gnu/openblas-pthread" -lopenblas
wheel=$(echo build/peers-openblas/lib/python3*/site-packages/scipy_openblas32)
compile openblas-pypi cc -O2 bench/peers/time_openblas.c -I"$wheel/include" \
  '-DBLAS(name)=scipy_##name' -L"$wheel/lib" -lscipy_openblas -Wl,-rpath,"$PWD/$wheel/lib"

exec python3 bench/peers/compare.py "$@"

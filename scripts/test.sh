#!/bin/bash
# test.sh: what `make test` runs, after setup: the whole suite as shipped, then
# its unit tests and fuzz corpora under sanitizers. The last lines are ctest's.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$(nproc)

build() { # preset
  cmake --preset "$1" --log-level=NOTICE >/dev/null
  cmake --build --preset "$1"
}

tests() { # preset
  echo "== tests: $1"
  build "$1"
  ctest --preset "$1" -j "$jobs"
}

note() { echo "== tests: $*"; }

if [ -z "${NUMERAL_DATA_DIR-}" ]; then
  note "no NUMERAL_DATA_DIR: tests that need MNIST look for it and else skip"
fi
tests debug
tests thread
tests release

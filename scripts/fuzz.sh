#!/bin/bash
# fuzz.sh: runs each fuzz target of build/fuzz for FUZZ_SECONDS. New inputs stay in
# build/fuzz/corpus; a finding is left in build/fuzz/findings and fails.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-60}
findings=build/fuzz/findings
mkdir -p "$findings"
for program in build/fuzz/fuzz_*; do
  [ -f "$program" ] || continue
  name=${program##*/fuzz_}
  mkdir -p "build/fuzz/corpus/$name"
  dictionary=()
  [ -f "tests/fuzz/$name.dict" ] && dictionary=("-dict=tests/fuzz/$name.dict")
  echo "fuzz: $name, $seconds seconds"
  log="build/fuzz/$name.log"
  if ! "$program" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=4096 \
    -print_final_stats=1 "${dictionary[@]}" -artifact_prefix="$findings/$name-" \
    "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    tail -n 60 "$log"
    echo "fuzz: $name FAILED; the input is under $findings"
    exit 1
  fi
  sed -n 's/^stat::number_of_executed_units: */fuzz:   inputs tried: /p' "$log"
done
echo "fuzz: no findings"

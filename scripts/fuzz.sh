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
  "$program" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=4096 \
    -print_final_stats=1 -verbosity=0 "${dictionary[@]}" \
    -artifact_prefix="$findings/$name-" \
    "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" 2>&1 |
    tail -n 40
done
echo "fuzz: no findings"

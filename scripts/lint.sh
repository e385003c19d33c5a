#!/bin/bash
# lint.sh: layout (clang-format), mistakes (cppcheck, shellcheck), the law and
# the manual page. `lint.sh --format` lays the code out instead.
set -euo pipefail
cd "$(dirname "$0")/.."

folders=()
for folder in include src formats app tests bench examples; do
  [ -d "$folder" ] && folders+=("$folder")
done
mapfile -t sources < <(find "${folders[@]}" -name '*.[ch]' | sort)

if [ "${1-}" = --format ]; then
  clang-format -i "${sources[@]}"
  exit 0
fi

failed=0
step() { # name, command...
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'lint: %-12s ok\n' "$name"
  else
    printf '%s\nlint: %-12s FAILED\n' "$output" "$name"
    failed=1
  fi
}

mapfile -t programs < <(printf '%s\n' "${sources[@]}" | grep -E '^(src|formats|app|examples)/.*\.c$' || true)
mapfile -t shells < <(find scripts tests bench .ci \( -name '*.sh' -o -path .ci/run \) -type f 2>/dev/null | sort)

step layout clang-format --dry-run -Werror "${sources[@]}"
step cppcheck cppcheck -j "$(nproc)" --quiet --std=c11 --error-exitcode=1 \
  --inline-suppr --enable=warning,performance,portability \
  --suppressions-list=.cppcheck --library=posix -D__GNUC__=12 -D__x86_64__ \
  -Iinclude -Isrc -I. "${programs[@]}"
step shellcheck shellcheck -x "${shells[@]}"
if [ -f docs/numeral.1 ]; then
  step manual mandoc -T lint -W warning docs/numeral.1
fi
step law sh scripts/law.sh
exit $failed

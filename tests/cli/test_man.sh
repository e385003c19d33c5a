#!/bin/sh
# test_man.sh: the manual page knows every option, and is well formed.
. "$SOURCE_DIR/tests/cli/lib.sh"
page=$SOURCE_DIR/docs/numeral.1

for command in train eval predict explain report compare draw serve bench "models list" \
  "models show" "data list" \
  "data fetch" "data info" "data show"; do
  # shellcheck disable=SC2086 # two words
  run "$NUMERAL" $command --help
  expect_status 0
  sed -n 's/^  *\(-., \)\{0,1\}--\([a-z-]*\).*/\2/p' "$work/out" >"$work/options"
  while read -r option; do
    grep -q -e "Fl -$option\\b" -e ", -$option\\b" "$page" || fail "the page lacks --$option of $command"
  done <"$work/options"
done
for command in $("$NUMERAL" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
  grep -q "^\.Ss numeral $command" "$page" || fail "the page lacks $command"
done
if command -v mandoc >/dev/null; then
  mandoc -Tlint "$page" >"$work/out" 2>&1 || fail "mandoc -Tlint"
  [ ! -s "$work/out" ] || fail "mandoc -Tlint"
fi
if command -v man >/dev/null; then
  MANWIDTH=80 man --warnings -l "$page" >/dev/null 2>"$work/err" || fail "man -l"
  [ ! -s "$work/err" ] || fail "man -l"
fi

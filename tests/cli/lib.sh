#!/bin/sh
# lib.sh: helpers for the tests of the program. Source it first; it makes a
# fresh folder, goes there, and takes it away at the end.
#
#   run COMMAND...        runs it; $status, files $work/out and $work/err
#   expect_status N       of the last run
#   expect_out TEXT       standard output is exactly TEXT (and a newline)
#   expect_in FILE TEXT   FILE holds TEXT (grep -F)
#   fail TEXT             ends the test, showing the last run

set -u
: "${NUMERAL:?the program to test}" "${SOURCE_DIR:?}" "${BUILD_DIR:?}"
json_get=$BUILD_DIR/json_get
work=$(mktemp -d)
mkdir "$work/here"
trap 'status=$?; cd /; cleanup; [ -n "${KEEP-}" ] || rm -rf "$work"; exit $status' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cleanup() { :; } # a test may say more
cd "$work/here" || exit 1

# nothing of the machine's own may change what is tested
unset NO_COLOR
export LC_ALL=C HOME="$work/home" XDG_CACHE_HOME="$work/cache"

fail() {
  echo "FAILED: $*"
  echo "last run: ${last_run-}, status ${status-}"
  echo "--- stdout"
  [ -f "$work/out" ] && head -c 4000 "$work/out"
  echo "--- stderr"
  [ -f "$work/err" ] && head -c 4000 "$work/err"
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

run() {
  last_run=$*
  status=0
  "$@" >"$work/out" 2>"$work/err" || status=$?
}

expect_status() {
  [ "$status" -eq "$1" ] || fail "expected status $1"
}

expect_out() {
  printf '%s\n' "$1" | cmp -s - "$work/out" || fail "expected output: $1"
}

expect_in() {
  grep -qF -e "$2" "$1" || fail "$1 lacks: $2"
}

expect_not_in() {
  if grep -qF -e "$2" "$1"; then fail "$1 has: $2"; fi
}

expect_err() { expect_in "$work/err" "$1"; }

# what went wrong must be one message, not a crash or a sanitizer's report
expect_failure() { # status, text of the message
  expect_status "$1"
  expect_err "numeral: "
  expect_err "$2"
  [ "$(wc -l <"$work/err")" -le 4 ] || fail "expected a short message"
}

expect_file() { [ -s "$1" ] || fail "the file $1 should be there"; }
expect_no_file() { [ ! -e "$1" ] || fail "$1 should not be there"; }

expect_same() {
  cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# json FILE PATH: prints the value at PATH ("test.count", "layers.0.text"),
# and ends the test where FILE is not JSON or has no such value
json() {
  "$json_get" "$2" <"$1" || fail "$1 is not JSON with $2"
}

expect_json() { # file, path, value
  found=$(json "$1" "$2") || fail "$1 has no $2"
  [ "$found" = "$3" ] || fail "$1: $2 is $found, not $3"
}

needs_builtin() {
  "$NUMERAL" models show builtin >/dev/null 2>&1 || skip "no built-in model in this build"
}

# random_tenths LOW HIGH: seconds from LOW/10 to HIGH/10
random_tenths() {
  number=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
  awk -v n="$number" -v low="$1" -v high="$2" \
    'BEGIN { printf "%.3f", (low + (high - low) * n / 65535) / 10 }'
}

# pgm FILE WIDTH HEIGHT PAPER INK X0 Y0 X1 Y1: a grey picture with one
# filled rectangle, as text
pgm() {
  awk -v w="$2" -v h="$3" -v paper="$4" -v ink="$5" -v x0="$6" -v y0="$7" \
    -v x1="$8" -v y1="$9" 'BEGIN {
    print "P2"; print w, h; print 255
    for (y = 0; y < h; y++) for (x = 0; x < w; x++)
      print (x >= x0 && x < x1 && y >= y0 && y < y1) ? ink : paper
  }' >"$1"
}

# a plain stroke: the digit 1, dark on white
draw_one() { pgm "$1" 60 80 255 10 27 15 34 65; }
draw_blank() { pgm "$1" 40 40 255 255 0 0 0 0; }

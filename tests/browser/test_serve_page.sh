#!/bin/sh
# test_serve_page.sh: the page of numeral serve, which check_serve_page.py uses and
# looks at in a browser. What is drawn are the program's own models of digits.
. "$SOURCE_DIR/tests/cli/lib.sh"
needs_builtin
command -v python3 >/dev/null || skip "python3 is not installed"
missing=$(cd "$SOURCE_DIR/tests/browser" && python3 -B -c \
  'import webdriver; print(webdriver.missing() or "")')
[ -z "$missing" ] || skip "$missing is not installed"
"$NUMERAL" serve --help >/dev/null 2>&1 || skip "this build has no server (Debian: libmicrohttpd-dev)"
unset NUMERAL_DATA_DIR # random digits are drawn ones
server_pid=''
cleanup() {
  [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null
  [ -z "$server_pid" ] || wait "$server_pid" 2>/dev/null
}

start_server() {
  last_run="serve --port 0" status=none
  "$NUMERAL" serve --port 0 >"$work/out" 2>"$work/err" &
  server_pid=$!
  tries=600
  until address=$(grep -o 'http://127\.0\.0\.1:[0-9]*/' "$work/err" | head -n 1) && [ -n "$address" ]; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ] || ! kill -0 "$server_pid" 2>/dev/null; then
      fail "the server does not say where it listens"
    fi
    sleep 0.05
  done
}

start_server
"$BUILD_DIR/write_strokes" file 0 >ten.txt || fail "ten digits to draw"
"$NUMERAL" data show synth:test:7 -o digit.png >/dev/null 2>&1 || fail "a picture to read"
label=$("$NUMERAL" predict digit.png --json | sed 's/.*"digit":\([0-9]\).*/\1/')
python3 -B "$SOURCE_DIR/tests/browser/check_serve_page.py" "$address" ten.txt digit.png "$label"

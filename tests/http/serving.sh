#!/bin/sh
# serving.sh: what the tests of numeral serve share, on top of those of the
# program. `ask FILE.py` runs the test beside this file.
. "$SOURCE_DIR/tests/cli/lib.sh"
command -v python3 >/dev/null || skip "python3 is not installed"
[ -e "$BUILD_DIR/numeral-microhttpd.so" ] || skip "this build has no server (libmicrohttpd-dev)"
needs_builtin
unset PORT

ask() {
  python3 -B "$SOURCE_DIR/tests/http/$1" || exit 1
}

#!/bin/sh
# numeral.h compiles alone, twice included, as C99 and as C++, without a
# warning, with every compiler that is here.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/use.c" <<'C'
#include "numeral.h"
#include "numeral.h"
int main(void) { return numeral_status_text(NUMERAL_OK) == 0; }
C
cp "$scratch/use.c" "$scratch/use.cc"
warnings="-Wall -Wextra -Wundef -Wshadow -pedantic -Werror"

checked=""
compile() { # compiler, flags...
  command -v "$1" >/dev/null || return 0
  echo "$*"
  # shellcheck disable=SC2086
  "$@" $warnings -I "$SOURCE_DIR/include" -c -o "$scratch/use.o"
  checked="$checked $1"
}
for compiler in gcc clang; do
  compile $compiler -std=c99 -Wstrict-prototypes "$scratch/use.c"
  compile $compiler -std=c11 -Wstrict-prototypes "$scratch/use.c"
done
for compiler in g++ clang++; do
  compile $compiler -std=c++98 -Wno-long-long -Wno-variadic-macros "$scratch/use.cc"
  compile $compiler -std=c++17 "$scratch/use.cc"
done
case "$checked" in
  *++*) ;;
  *) echo "skipped in part: no C++ compiler is installed" ;;
esac

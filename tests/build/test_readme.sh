#!/bin/sh
# README.md's examples work as printed. A fenced block below the line
# `<!-- run -->` is executed here, in order, in one empty folder:
#   ```sh        its lines, as one script; `$ ` before a command is dropped
#   ```console   the lines that begin with `$ `; the others show what it prints
#   ```c         built with pkg-config against an installed numeral, and run
# Below `<!-- run exact -->` a console block must print just what it shows.
# Then: every file that the README links to exists.
set -eu
readme="$SOURCE_DIR/README.md"
[ -f "$readme" ] || {
  echo "skipped: no README.md"
  exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/blocks" "$scratch/here"

awk -v out="$scratch/blocks" '
  /^<!-- run( exact)? -->$/ { marked = $3 == "exact" ? "exact" : "run"; next }
  /^```/ && inside { inside = 0; close(file); next }
  /^```/ {
    if (marked != "") {
      inside = 1
      file = sprintf("%s/%02d.%s.%s", out, ++count, marked, substr($0, 4))
      printf "" > file
    }
    marked = ""
    next
  }
  inside { print > file }
' "$readme"

cmake --install "$BUILD_DIR" --prefix "$scratch/prefix" >/dev/null
libdir=$(dirname "$(find "$scratch/prefix" -name libnumeral.a)")
export PKG_CONFIG_PATH="$libdir/pkgconfig" LD_LIBRARY_PATH="$libdir"
export PATH="$scratch/prefix/bin:$PATH"
# what the README may use: the program as `numeral` or build/numeral, examples
cd "$scratch/here"
ln -s "$BUILD_DIR" build
ln -s "$SOURCE_DIR/examples" examples

run_block() { # file
  case "$1" in
    *.exact.console)
      sed -n 's/^\$ //p' "$1" >"$1.sh"
      sed '/^\$ /d' "$1" >"$1.expected"
      sh -eu "$1.sh" >"$1.got" 2>&1
      diff "$1.expected" "$1.got"
      ;;
    *.console)
      sed -n 's/^\$ //p' "$1" >"$1.sh"
      sh -eu "$1.sh"
      ;;
    *.sh)
      sed 's/^\$ //' "$1" >"$1.sh"
      sh -eu "$1.sh"
      ;;
    *.c)
      # shellcheck disable=SC2046
      "$CC" -std=c11 -Wall -Wextra -Werror "$1" -o ./program \
        $(pkg-config --cflags --libs numeral)
      ./program
      ;;
    *)
      echo "a block marked to run is neither sh, console nor c"
      return 1
      ;;
  esac
}

failed=0 count=0
for block in "$scratch"/blocks/*; do
  [ -f "$block" ] || continue
  count=$((count + 1))
  if ! run_block "$block" >"$scratch/said" 2>&1 </dev/null; then
    echo "README.md: this block fails:"
    sed 's/^/    /' "$block"
    echo "with:"
    sed 's/^/    /' "$scratch/said"
    failed=1
  fi
done
echo "$count blocks executed"
[ "$count" -gt 0 ] || {
  echo "README.md has no block marked <!-- run -->"
  failed=1
}

# shellcheck disable=SC2013 # no link has a blank
for link in $(grep -o '](\([^)#]*\)' "$readme" | sed 's/^](//' | grep -v '://'); do
  [ -e "$SOURCE_DIR/$link" ] || {
    echo "README.md links to $link, which does not exist"
    failed=1
  }
done
grep -q 'make test' "$readme" || {
  echo "README.md does not name the test command, make test"
  failed=1
}
exit $failed

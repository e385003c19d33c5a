#!/bin/sh
# `cmake --install` gives everything that a user of the library needs: one
# program builds and runs with pkg-config, statically too, and with
# find_package.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix="$scratch/prefix"
cmake --install "$BUILD_DIR" --prefix "$prefix" >"$scratch/log" || {
  cat "$scratch/log"
  exit 1
}

expect() {
  [ -n "$(find "$prefix" -path "$prefix/$1")" ] || {
    echo "not installed: $1"
    exit 1
  }
}
expect 'include/numeral.h'
expect 'lib*/libnumeral.so'
expect 'lib*/libnumeral.a'
expect 'lib*/pkgconfig/numeral.pc'
expect 'lib*/cmake/numeral/numeralConfig.cmake'
if [ -f "$SOURCE_DIR/app/main.c" ]; then
  expect 'bin/numeral'
  expect 'lib/systemd/system/numeral.service'
  for module in cairo crypto curl leptonica; do
    expect "lib*/numeral/numeral-$module.so"
  done
  for module in sdl2 microhttpd; do
    [ ! -f "$BUILD_DIR/numeral-$module.so" ] ||
      expect "lib*/numeral/numeral-$module.so"
  done
  # the installed program finds its modules, and says so where one is missing
  cd "$scratch"
  "$prefix/bin/numeral" data show synth:600 -o sheet.png --count 4 >"$scratch/log"
  rm "$(find "$prefix" -name numeral-cairo.so)"
  if "$prefix/bin/numeral" data show synth:600 -o sheet.png --count 4 \
    2>"$scratch/log"; then
    echo "drew a sheet without numeral-cairo.so"
    exit 1
  fi
  grep -q 'numeral-cairo.so' "$scratch/log" || {
    cat "$scratch/log"
    exit 1
  }
fi
[ ! -f "$SOURCE_DIR/docs/numeral.1" ] || expect 'share/man/man1/numeral.1'

libdir=$(dirname "$(find "$prefix" -name libnumeral.a)")
export PKG_CONFIG_PATH="$libdir/pkgconfig"
[ "$(pkg-config --variable=libdir numeral)" = "$libdir" ] || {
  echo "numeral.pc says $(pkg-config --variable=libdir numeral), not $libdir"
  exit 1
}

cat >"$scratch/use.c" <<'C'
#include <numeral.h>
#include <stdio.h>
int main(void) { return puts(numeral_version()) < 0; }
C
runs() { # program
  said=$(LD_LIBRARY_PATH="$libdir" "$1")
  [ "$said" = "$(pkg-config --modversion numeral)" ] || {
    echo "$1 says '$said'"
    exit 1
  }
}

# shellcheck disable=SC2046
"$CC" "$scratch/use.c" $(pkg-config --cflags --libs numeral) -o "$scratch/shared"
runs "$scratch/shared"
# shellcheck disable=SC2046
"$CC" "$scratch/use.c" $(pkg-config --cflags numeral) "$libdir/libnumeral.a" \
  $(pkg-config --libs-only-l --static numeral | sed 's/-lnumeral//g') \
  -o "$scratch/static"
runs "$scratch/static"

cat >"$scratch/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.22)
project(use LANGUAGES C)
find_package(numeral 0.1 REQUIRED)
add_executable(found use.c)
target_link_libraries(found PRIVATE numeral::numeral)
add_executable(found_static use.c)
target_link_libraries(found_static PRIVATE numeral::static)
CMAKE
build_found() {
  cmake -S "$scratch" -B "$scratch/found" -DCMAKE_C_COMPILER="$CC" \
    -DCMAKE_PREFIX_PATH="$prefix" || return 1
  cmake --build "$scratch/found"
}
build_found >"$scratch/log" 2>&1 || {
  cat "$scratch/log"
  exit 1
}
runs "$scratch/found/found"
runs "$scratch/found/found_static"

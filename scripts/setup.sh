#!/bin/bash
# setup.sh: installs what is missing to build, run and test numeral, and says
# what and why. With nothing missing it does nothing, quickly and offline.
#   setup.sh --run    only what building and running needs
#   setup.sh          the same and what `make test` needs
#   setup.sh --lint   the same and what `make lint` needs
#   setup.sh --bench  the same and what `make bench-peers` and `bench-serve` need
set -euo pipefail
cd "$(dirname "$0")/.."

# group, need, package (or package|one that serves as well), reason
packages() {
  cat <<'TABLE'
run   required gcc                   compiles C
run   required libc6-dev             the C library's headers
run   required cmake                 configures the build
run   required ninja-build           runs the build
run   required pkg-config|pkgconf    finds the libraries below
run   required libleptonica-dev      reads TIFF, WebP, BMP, GIF, PNM
run   required libpng-dev            reads and writes PNG
run   required libjpeg-dev           reads JPEG
run   required libcairo2-dev         draws sheets of digits
run   required gnuplot-nox|gnuplot-qt|gnuplot-x11 draws the charts of a report
run   optional libsdl2-dev           opens the window to draw in
run   optional libsdl2-ttf-dev       writes in that window
run   optional libfontconfig-dev     finds the font for it
run   optional libmicrohttpd-dev     serves the page and the API
run   optional fonts-inter           the font of charts, galleries and window
run   required libjansson-dev        reads and writes JSON
run   required zlib1g-dev            unpacks gzip
run   required libcurl4-openssl-dev|libcurl4-gnutls-dev|libcurl4-nss-dev downloads MNIST
run   required ca-certificates       lets downloads check who answers
run   required libssl-dev            SHA-256 (libcrypto) of downloads
run   required libcmocka-dev         the unit tests' frame
test  required g++                   checks that numeral.h is C++ too
test  required python3               drives the browser, reads what it shows
test  optional chromium              the browser that reports are tested in
test  optional chromium-driver       ... and what drives it
test  optional xvfb                  a screen for the window's tests
test  optional xdotool               ... the hand that draws there
test  optional x11-apps              ... and the eye that looks (xwd)
test  optional clang                 second compiler, fuzzing
test  optional libclang-rt-dev       clang's sanitizers
test  optional gcc-aarch64-linux-gnu compiles the NEON kernels
test  optional libc6-dev-arm64-cross the C library for that compiler
test  optional qemu-user-static|qemu-user runs the NEON kernels here
bench optional python3-torch         Debian's PyTorch, to compare with
bench optional libopenblas0-openmp   the OpenBLAS that it is fastest with
bench optional python3-venv          a place for what comes from PyPI
bench optional g++                   compiles what times oneDNN
bench optional libdnnl-dev           oneDNN, to compare kernels with
bench optional libopenblas-pthread-dev OpenBLAS, to compare kernels with
bench optional wrk                   asks numeral serve, many times a second
bench optional python3-flask         what numeral serve is compared with
bench optional gunicorn              ... and what runs it
bench optional python3-pil           ... and reads its pictures
lint  required clang-format          checks the layout of the code
lint  required cppcheck              looks for mistakes in C
lint  required shellcheck            looks for mistakes in scripts
lint  required mandoc                checks the manual page
TABLE
}

case "${1-}" in
  --run) groups="run" ;;
  "") groups="run test" ;;
  --lint) groups="run lint" ;;
  --bench) groups="run bench" ;;
  *) echo "usage: scripts/setup.sh [--run|--lint|--bench]" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  for tool in cc cmake ninja pkg-config; do
    command -v "$tool" >/dev/null && continue
    echo "setup: no apt-get here, and $tool is missing. Install, by Debian's names:" >&2
    packages | awk -v groups="$groups" 'index(groups, $1) { print "  " $3 }' >&2
    exit 1
  done
  exit 0 # CMake names any library that it misses
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' |
            awk '$1 == "installed" { print $2 }')

is_installed() { # any of a|b|c
  case "$1" in
    libclang-rt-dev) grep -q '^libclang-\(rt\|common\)-[0-9]*-dev$' <<<"$installed" ;;
    *) grep -qxE "${1//+/\\+}" <<<"$installed" ;;
  esac
}

# What could not be had is not asked for again until `make clean`.
skipped_list=build/.setup-skipped
required=() optional=()
while read -r group need package reason; do
  [[ " $groups " == *" $group "* ]] || continue
  is_installed "$package" && continue
  name=${package%%|*}
  if [ "$need" = required ]; then
    required+=("$name")
  elif grep -qx "$name" "$skipped_list" 2>/dev/null; then
    continue
  else
    optional+=("$name")
  fi
  printf 'setup: %-22s %s\n' "$name" "$reason"
done < <(packages)
[ ${#required[@]} -eq 0 ] && [ ${#optional[@]} -eq 0 ] && exit 0

# ---- something is missing
by_hand="apt-get install ${required[*]} ${optional[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    no_root="not root, and there is no sudo"
  elif ! sudo -n true 2>/dev/null && [ ! -t 0 ]; then
    no_root="sudo wants a password, and nobody is there to type it"
  fi
  as_root=(sudo)
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o Acquire::Retries=2 -o Acquire::http::Timeout=20 \
    -o Dpkg::Use-Pty=0 "$@" </dev/null >>build/setup.log 2>&1
}

known() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }

# libclang-rt-dev: the version is that of the clang that gets installed, and
# before 15 Ubuntu has it inside another package
real_name() {
  if [ "$1" = libclang-rt-dev ]; then
    local version
    version=$(apt-cache depends clang 2>/dev/null |
              sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1)
    if known "libclang-rt-$version-dev"; then
      echo "libclang-rt-$version-dev"
    else
      echo "libclang-common-$version-dev"
    fi
  else
    echo "$1"
  fi
}

install_all() {
  local names=() name
  for name in "$@"; do names+=("$(real_name "$name")"); done
  apt install --no-install-recommends "${names[@]}"
}

mkdir -p build
if [ -n "${no_root-}" ]; then
  echo "setup: $no_root. Have an administrator run:" >&2
  echo "  $by_hand" >&2
  [ ${#required[@]} -eq 0 ] || exit 1
  printf '%s\n' "${optional[@]}" >>"$skipped_list"
  exit 0
fi
echo "setup: installing with ${as_root[*]:+sudo }apt-get (log: build/setup.log)"
for name in "${required[@]}" "${optional[@]}"; do
  known "$(real_name "$name")" || { apt update || true; break; }
done
if [ ${#required[@]} -gt 0 ]; then
  install_all "${required[@]}" || { apt update && install_all "${required[@]}"; } || {
    tail -n 5 build/setup.log >&2
    echo "setup: apt-get failed (above). Mend that, or try by hand:" >&2
    echo "  $by_hand" >&2
    exit 1
  }
fi
# together first, which is quick; one by one where that fails
if [ ${#optional[@]} -gt 0 ] && ! install_all "${optional[@]}"; then
  for name in "${optional[@]}"; do
    install_all "$name" && continue
    echo "setup: $name is not to be had here; its tests will be skipped"
    echo "$name" >>"$skipped_list"
  done
fi
echo "setup: done"

#!/bin/sh
# The NEON kernels, compiled by the cross-compiler and run on an emulated
# processor; skipped where one of the two is missing.
set -eu
compiler=aarch64-linux-gnu-gcc
for emulator in qemu-aarch64-static qemu-aarch64; do
  command -v "$emulator" >/dev/null && break
done
for tool in "$compiler" "$emulator"; do
  if ! command -v "$tool" >/dev/null; then
    echo "skipped: $tool is not installed (gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user-static)"
    exit 77
  fi
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$SOURCE_DIR"
"$compiler" -std=c11 -O2 -static -Wall -Wextra -Wconversion -Werror \
  -D_POSIX_C_SOURCE=200809L -ffp-contract=fast -fno-math-errno \
  -fno-trapping-math -Isrc -Iinclude src/kernels/*.c src/base/cpu.c \
  tests/kernels/check*.c tests/kernels/naive.c tests/kernels/plain_main.c \
  -lm -o "$scratch/checks"
"$emulator" "$scratch/checks" neon
"$emulator" "$scratch/checks" portable

#!/bin/sh
# The tree keeps the law, and the script that says so notices each breach.
set -eu
law="$SOURCE_DIR/scripts/law.sh"
sh "$law" "$SOURCE_DIR"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

breaks() { # file, what the law says, text...
  file=$1 says=$2
  shift 2
  rm -rf "${scratch:?}/tree"
  mkdir -p "$scratch/tree/$(dirname "$file")"
  printf '%s\n' "/* $(basename "$file"): a test. */" "$@" >"$scratch/tree/$file"
  if sh "$law" "$scratch/tree" >"$scratch/said"; then
    echo "not noticed: $file: $*"
    failed=1
  elif ! grep -q "$says" "$scratch/said"; then
    echo "$file: $*: expected '$says', got:"
    cat "$scratch/said"
    failed=1
  fi
}

keeps() { # file, text...
  file=$1
  shift
  rm -rf "${scratch:?}/tree"
  mkdir -p "$scratch/tree/$(dirname "$file")"
  printf '%s\n' "/* $(basename "$file"): a test. */" "$@" >"$scratch/tree/$file"
  sh "$law" "$scratch/tree" || failed=1
}

breaks src/nn/a.c 'write the folder' '#include "b.h"'
breaks src/nn/a.c 'only lower floors' '#include "data/dataset.h"'
breaks src/base/a.c 'only lower floors' '#include "kernels/kernels.h"'
breaks src/api/a.c 'on no floor' '#include "formats/image_file.h"'
breaks src/other/a.c 'no such floor' ''
breaks app/a.c 'numeral.h alone' '#include "nn/net.h"'
breaks formats/a.c 'numeral.h alone' '#include "app/main.h"'
breaks src/api/a.c 'never prints' '  printf("hello");'
breaks src/api/a.c 'never prints' '  if (bad) exit(1);'
breaks src/nn/a.c 'base/memory.h only' '  void *p = malloc(4);'
breaks src/nn/a.c 'base/memory.h only' '  free(p);'
breaks src/nn/a.c 'unfinished' '/* TODO: this */'
# shellcheck disable=SC2046
breaks src/nn/a.c 'at most 800' $(seq 800)

keeps src/model/a.c '#include "nn/net.h"' '#include "numeral.h"' '#include "model/a.h"'
keeps src/api/a.c '  snprintf(text, 4, "printf(x)"); /* exit(1) */' '  nml_free(p);'
keeps src/base/memory.c '  free(p);'
keeps formats/a.c '#include "formats/b.h"'
keeps app/a.c '#include "formats/image.h"' '#include "numeral.h"' '  printf("hello");'

mkdir -p "$scratch/tree/src/nn" "$scratch/tree/src/data"
for folder in nn data; do echo '/* same.c: twice. */' >"$scratch/tree/src/$folder/same.c"; done
if sh "$law" "$scratch/tree" >/dev/null; then
  echo "not noticed: two files of one name"
  failed=1
fi
echo 'no opening' >"$scratch/tree/src/data/same.c"
sh "$law" "$scratch/tree" | grep -q 'opens with' || failed=1
exit $failed

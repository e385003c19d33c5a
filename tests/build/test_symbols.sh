#!/bin/sh
# libnumeral.so exports every function of numeral.h and nothing else, and needs
# only the C library and libm; nothing in libnumeral.a has
# a name that could clash with a user's.
set -eu
shared="$BUILD_DIR/libnumeral.so" static="$BUILD_DIR/libnumeral.a"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

nm -D --defined-only "$shared" | awk '{ print $3 }' | sort >"$scratch/exported"
grep -v '^numeral_' "$scratch/exported" && {
  echo "libnumeral.so exports the names above"
  failed=1
}

tr '\n' ' ' <"$SOURCE_DIR/include/numeral.h" | grep -o 'NUMERAL_API [^;]*;' |
  grep -o 'numeral_[a-z_0-9]*(' | tr -d '(' | sort >"$scratch/declared"
if ! diff "$scratch/declared" "$scratch/exported" >"$scratch/difference"; then
  echo "numeral.h (<) and libnumeral.so (>) differ:"
  cat "$scratch/difference"
  failed=1
fi

nm -g --defined-only "$static" | awk 'NF == 3 { print $3 }' |
  grep -v -e '^numeral_' -e '^nml_' && {
  echo "libnumeral.a defines the global names above"
  failed=1
}

readelf -d "$shared" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
  grep -v -e '^libc\.so' -e '^libm\.so' -e '^libpthread\.so' -e '^ld-linux' && {
  echo "libnumeral.so needs the libraries above"
  failed=1
}
readelf -d "$shared" | grep -q 'SONAME.*\[libnumeral\.so\.[0-9]*\]' || {
  echo "libnumeral.so has no soname"
  failed=1
}
exit $failed

#!/bin/sh
# law.sh: the law of the house (CONTRIBUTING.md), enforced on the tree given as
# $1 (default: this one). Prints each breach and exits with 1 if there is any.
set -eu
cd "${1:-$(dirname "$0")/..}"
breaches=$(mktemp)
trap 'rm -f "$breaches"' EXIT

files() { # pattern, folders...: those folders' files, where there are any
  pattern=$1
  shift
  for folder in "$@"; do
    [ ! -d "$folder" ] || find "$folder" -type f -name "$pattern"
  done
}
all_folders="include src formats app tests bench examples scripts cmake"
# shellcheck disable=SC2086 # the folders are words
code=$(files '*.[ch]' $all_folders)

# 1. A file in src/ includes its own folder, lower floors and numeral.h;
#    formats/ and app/ see libnumeral through numeral.h alone, beside their
#    own folder; app/ also includes formats/.
include_law() {
  awk '
    BEGIN {
      split("base 0 kernels 1 image 1 nn 2 data 2 model 3 engine 4 api 5", word)
      for (i = 1; i in word; i += 2) floor[word[i]] = word[i + 1]
    }
    function breach(why) { print FILENAME ":" FNR ": " why }
    FNR == 1 {
      n = split(FILENAME, part, "/")
      home = part[1] == "src" ? part[2] : part[1]
      if (part[1] == "src" && !(home in floor)) breach("no such floor: " home)
    }
    !/^[ \t]*#[ \t]*include[ \t]*"/ { next }
    { split($0, quoted, "\""); target = quoted[2] }
    target == "numeral.h" { next }
    {
      split(target, step, "/")
      if (target !~ /\//) {
        breach("includes \"" target "\": write the folder too")
      } else if (home in floor) {
        if (!(step[1] in floor))
          breach("includes \"" target "\", which is on no floor")
        else if (step[1] != home && floor[step[1]] >= floor[home])
          breach(home " may not include " step[1] ": only lower floors")
      } else if (step[1] != home && !(home == "app" && step[1] == "formats")) {
        breach(home "/ sees libnumeral through numeral.h alone, not \"" target "\"")
      }
    }' "$@"
}

# 2. libnumeral neither prints nor exits, and takes memory through base/ only.
silence_law() {
  awk '
    function breach(why) { print FILENAME ":" FNR ": " why }
    { line = $0; gsub(/"[^"]*"/, "\"\"", line); sub(/^ \*.*|\/\*.*/, "", line) }
    line ~ /(^|[^a-zA-Z0-9_.>])(printf|vprintf|fprintf|vfprintf|puts|fputs|putchar|perror|exit|_exit|abort)[ \t]*\(/ {
      breach("libnumeral never prints or exits")
    }
    FILENAME !~ /^src\/base\// &&
    line ~ /(^|[^a-zA-Z0-9_.>])(malloc|calloc|realloc|aligned_alloc|posix_memalign|strdup|strndup|free)[ \t]*\(/ {
      breach("memory is taken and given back by base/memory.h only")
    }' "$@"
}

# 3. A file is at most 800 lines, and opens with its name and purpose;
#    a test with its purpose.
file_law() {
  awk '
    function close_file() {
      if (name && count > 800) print name ": " count " lines; at most 800"
    }
    FNR == 1 {
      close_file()
      name = FILENAME
      base = name
      sub(/.*\//, "", base)
      opening = "/* " (name ~ /^tests\// ? "" : base ": ")
      if (index($0, opening) != 1)
        print name ":1: opens with " opening "its purpose"
    }
    { count = FNR }
    END { close_file() }' "$@"
}

# 4. No two files share a name.
name_law() {
  # shellcheck disable=SC2086
  for suffix in c h sh py; do files "*.$suffix" $all_folders; done |
    sed 's|.*/||' | sort | uniq -d | sed 's/$/: two files have this name/'
}

# 5. Nothing unfinished is committed.
word_law() {
  # shellcheck disable=SC2086
  for suffix in c h sh py cmake; do files "*.$suffix" $all_folders; done |
    grep -v -e '^scripts/law.sh$' -e '^tests/build/test_law.sh$' |
    xargs grep -nwE 'TODO|FIXME|XXX|HACK|stub|placeholder' |
    sed 's/$/  <- nothing unfinished is committed/'
}

{
  # shellcheck disable=SC2046,SC2086 # no file name here has a blank
  {
    include_law $(files '*.[ch]' src formats app) /dev/null
    silence_law $(files '*.[ch]' src) /dev/null
    file_law $code /dev/null
    name_law
    word_law || true
  }
} >"$breaches"
[ -s "$breaches" ] || exit 0
cat "$breaches"
exit 1

#!/bin/sh
# test_report_page.sh: a report in a browser, which check_report.py looks at.
. "$SOURCE_DIR/tests/cli/lib.sh"
command -v python3 >/dev/null || skip "python3 is not installed"
missing=$(cd "$SOURCE_DIR/tests/browser" && python3 -B -c \
  'import webdriver; print(webdriver.missing() or "")')
[ -z "$missing" ] || skip "$missing is not installed"
command -v gnuplot >/dev/null || skip "gnuplot-nox is not installed"

net="conv 8 3x3 relu, maxpool 2, flatten, dense 10"
"$NUMERAL" train --net "$net" --data synth:1500 --epochs 4 --val-split 0.1 --run run \
  --quiet >/dev/null || fail "a run to report"
"$NUMERAL" train --net "flatten, dense 10" --data synth:1500 --epochs 1 --run other \
  --no-report --quiet >/dev/null || fail "a second run"
"$NUMERAL" eval run/model.safetensors --data synth:1500 --json >eval.json || fail "eval"
"$NUMERAL" report run other -o both >/dev/null || fail "both"
python3 -B "$SOURCE_DIR/tests/browser/check_report.py" run/report.html both/report.html eval.json

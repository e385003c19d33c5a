#!/bin/sh
# test_serve_numbers.sh: numeral serve answers what numeral predict does.
. "$SOURCE_DIR/tests/http/serving.sh"
ask serve_numbers.py

#!/bin/sh
# test_serve_api.sh: numeral serve from outside: routes, headers, errors, start.
. "$SOURCE_DIR/tests/http/serving.sh"
ask serve_api.py

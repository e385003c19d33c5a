#!/bin/sh
# test_abuse.sh: numeral serve while it is ill-treated, and as it leaves.
. "$SOURCE_DIR/tests/http/serving.sh"
ask abuse.py

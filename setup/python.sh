#!/bin/sh
# Print the path of a Python interpreter that every pin in requirements.txt has wheels for (3.11, 3.12 or 3.13).
set -u

for name in python3.13 python3.12 python3.11 python3; do
    "$name" -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit(1); print(sys.executable)' \
        2>/dev/null && exit 0
done
echo "error: no Python 3.11, 3.12 or 3.13 found on PATH; install one, or name it: make PYTHON=/path/to/python3 ..." >&2
exit 1

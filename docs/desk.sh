#!/usr/bin/env bash
# What docs/desk.svg shows. After `make demo`, in the activated environment:
#   asciinema rec --cols 100 --rows 32 --idle-time-limit 1 --command docs/desk.sh desk.cast
#   npx svg-term-cli --in desk.cast --out docs/desk.svg --window
set -u
cd "$(dirname "$0")/.." || exit

say() { # as if somebody typed it
    printf '\033[1;32m$\033[0m '
    sleep 1
    printf '%s\n' "$1"
    sleep 0.5
    bash -c "$1"
    sleep 1
}

say 'python -m squeezenet_lib device info --simulate | tail -15'
say 'python -m zipfile -e data/raw/pictures.zip build/pictures'
say 'python -m squeezenet_lib device classify build/pictures/images/cell000{1,4,9}.png --simulate'
say 'python -m squeezenet_lib device evaluate --pictures 50 --simulate 2>/dev/null'
say 'python -m squeezenet_lib device bench 20 --simulate'

#!/bin/sh
# Install the Debian or Ubuntu packages that the project needs, those that are missing.
# Usage: debian.sh PYTHON [esp32c3 | site | test]. `esp32c3` adds that chip's compiler, `site` what builds the
# web page, `test` both and what tests them.
set -u

python=$1
purpose=${2:-}
packages=

missing() {
    packages="$packages $1"
}

compiles() { # compiles COMPILER FLAGS...: true when a program with the C library's headers links
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' | "$@" -x c -o /dev/null - 2>/dev/null
}

compiles gcc || missing "gcc libc6-dev"
compiles clang -fsanitize=address,undefined || missing "clang libclang-rt-dev" # the tests use its sanitizers
command -v xtensa-lx106-elf-gcc >/dev/null || missing gcc-xtensa-lx106
command -v qemu-system-xtensa >/dev/null || missing qemu-system-misc
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian and Ubuntu split this off the interpreter; python3.11 needs python3.11-venv.
    missing "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
fi
case "$purpose" in
esp32c3 | test) command -v riscv64-unknown-elf-gcc >/dev/null || missing gcc-riscv64-unknown-elf ;;
esac
case "$purpose" in
site | test) command -v npm >/dev/null || missing "nodejs npm" ;;
esac
if [ "$purpose" = test ]; then
    # Ubuntu's chromium is a snap; Google's browser does as well.
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing chromium
    command -v chromedriver >/dev/null || missing chromium-driver
fi
[ -n "$packages" ] || exit 0

sudo=
[ "$(id -u)" -eq 0 ] || sudo="sudo "
install="apt-get install -y --no-install-recommends$packages"

if ! command -v apt-get >/dev/null; then
    echo "error: needed but not found, in Debian's names:$packages" >&2
    echo "This machine has no apt-get; install what provides them, then run make again." >&2
    exit 1
fi
if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
    echo "error: needed but not found:$packages; as root, run: $install" >&2
    exit 1
fi

echo "Installing Debian packages:$packages"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
${sudo}apt-get update -q && ${sudo}$install && exit 0
echo "error: apt-get failed; when the network is back, run make again, or install by hand: $sudo$install" >&2
exit 1

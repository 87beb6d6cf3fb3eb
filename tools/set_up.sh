#!/bin/sh
# Make .venv with Tesela (editable) and everything its tests and checks need.
# Needs python3 3.11 or newer; PYTHON names another interpreter. Says what it does in one line a step.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
venv=.venv

say() { echo "set-up: $*"; }
stop() { echo "set-up: $*" >&2; exit 1; }

command -v "$python" >/dev/null 2>&1 || stop "there is no $python. Install Python 3.11 or newer."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$("$python" --version) is too old: Tesela needs 3.11 or newer. Try: make PYTHON=python3.12 ..."

make_venv() {
    "$python" -m venv "$venv" >/dev/null 2>&1 && return
    rm -rf "$venv"
    # Debian ships venv apart from python3
    sh tools/apt.sh python3-venv && "$python" -m venv "$venv" && return
    rm -rf "$venv"
    stop "$python cannot make virtual environments. On Debian: apt-get install python3-venv"
}

if ! "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then
    say "virtual environment in $venv"
    rm -rf "$venv"
    make_venv
fi

say "packages"
if ! "$venv/bin/python" -c 'import uv' >/dev/null 2>&1; then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv || say "no uv; pip will do"
fi
# uv is much faster; pip knows settings (mirrors, certificates) that uv may not
if ! VIRTUAL_ENV="$PWD/$venv" "$venv/bin/python" -m uv pip install --quiet --editable . --group dev; then
    say "uv could not install them; trying pip"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable . --group dev
fi
say "ready"

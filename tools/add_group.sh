#!/bin/sh
# Add a dependency group of pyproject.toml to .venv: the engines that tests run on, or the peers of benchmarks.
set -eu
cd "$(dirname "$0")/.."
group=$1
venv=.venv

echo "set-up: packages of the group $group"
VIRTUAL_ENV="$PWD/$venv" "$venv/bin/python" -m uv pip install --quiet --group "$group" ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --group "$group"

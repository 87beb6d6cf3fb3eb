#!/bin/sh
# Install Debian packages: as root, or with a sudo that asks for no password. Fails when neither is possible.
set -eu
command -v apt-get >/dev/null 2>&1 || exit 1
if [ "$(id -u)" = 0 ]; then
    as_root=env
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    exit 1
fi
echo "set-up: Debian packages: $*"
$as_root apt-get -qq update >/dev/null
$as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null

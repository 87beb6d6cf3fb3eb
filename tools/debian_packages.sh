#!/bin/sh
# Install the programs that tests start (a Postgres server, a browser, Java for Spark) where they are missing.
set -eu
cd "$(dirname "$0")/.."

has() { command -v "$1" >/dev/null 2>&1; }
has_postgres() { has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_browser() { has chromium || has chromium-browser || has google-chrome; }

has_java() { has java || [ -x "${JAVA_HOME:-/nowhere}/bin/java" ]; }

missing=""
has_postgres || missing="$missing postgresql"
has_browser || missing="$missing chromium"
has_java || missing="$missing default-jre-headless"
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086  a list on purpose
if ! sh tools/apt.sh $missing; then
    echo "set-up: tests that need them are skipped; install as root:$missing" >&2
fi

#!/bin/sh
# Have a Java that runs Apache Spark, and Spark itself in an environment of its own.
#
# Java is installed with apt-get as root or with passwordless sudo, else asked for.
set -eu

say() { printf '%s\n' "$*" >&2; }

has_java() {
    version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
    [ -n "$version" ] && [ "$version" -ge 17 ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

if ! has_java && may_install; then
    say "Installing openjdk-17-jre-headless"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null
fi
if ! has_java; then
    say "Java 17 or newer is needed, for this check alone:"
    say "  Debian, Ubuntu:  sudo apt-get install openjdk-17-jre-headless"
    say "  macOS:           brew install openjdk@17"
    exit 1
fi
VENV=.venv-spark exec sh setup/python_environment.sh requirements-spark.txt

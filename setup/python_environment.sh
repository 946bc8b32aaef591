#!/bin/sh
# Make .venv hold exactly the packages of one pinned requirements file.
#
#   setup/python_environment.sh requirements.txt
#
# Quick when nothing changed: a copy of the installed file is kept in the
# environment and compared by content, so that a clone, a checkout or a copied
# folder with odd file times neither skips nor repeats an installation.
# `make` on macOS is GNU make 3.81 and /bin/sh may be dash: plain POSIX only.
set -eu

requirements=$1
venv=${VENV:-.venv}
stamp="$venv/installed-$(basename "$requirements")"

say() { printf '%s\n' "$*" >&2; }

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Prints the newest-enough interpreter; $PYTHON, when set, is the only candidate.
find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if command -v "$candidate" >/dev/null 2>&1 && is_recent "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    found=$(${PYTHON:-python3} --version 2>&1) || found="no python3 on the PATH"
    say "需要 Python 3.11 或更新版本。 Python 3.11 or newer is needed (found: $found)."
    say "  Debian 12+ / Ubuntu 24.04+:  sudo apt-get install python3 python3-venv"
    say "  macOS:                       brew install python@3.13"
    say "  elsewhere:                   make PYTHON=/path/to/python3.11"
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# Debian and Ubuntu ship Python without the part that makes environments.
ensure_venv_module() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if may_install; then
        say "$1 cannot make environments yet: installing $package"
        as_root apt-get update -qq
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$package"
        "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    fi
    say "$1 缺少 venv 模块。 $1 has no venv module; install it, then run make again:"
    say "  sudo apt-get install $package"
    return 1
}

# A broken interpreter (upgraded or removed since) makes the folder worthless.
if ! is_recent "$venv/bin/python" || ! "$venv/bin/python" -c "import pip" 2>/dev/null
then
    python=$(find_python)
    ensure_venv_module "$python"
    say "Making $venv with $("$python" --version)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

if cmp -s "$requirements" "$stamp"; then exit 0; fi

say "Installing $requirements into $venv (the first time takes a few minutes)"
rm -f "$stamp"
"$venv/bin/python" -m pip install --disable-pip-version-check --no-input --quiet \
    --require-hashes -r "$requirements"
cp "$requirements" "$stamp"

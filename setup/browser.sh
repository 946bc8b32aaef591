#!/bin/sh
# Make sure that the tests have a Chromium, a Chinese font, a reader of PDF and, in CI,
# nginx and Writer.
#
# What is missing is installed where that needs no question: with apt-get as root
# or with passwordless sudo, else by Playwright into the user's cache. What cannot
# be had is said in a sentence; with CI=true it also fails, because a run that
# skipped its browser tests proves nothing.
set -eu

python=${VENV:-.venv}/bin/python
missing=""

say() { printf '%s\n' "$*" >&2; }

find_chromium() { "$python" tests/browser/chromium.py 2>/dev/null; }

# macOS always has a Chinese font (PingFang SC).
has_chinese_font() {
    [ "$(uname -s)" = Darwin ] && return
    command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh family)" ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# The lists of packages are fetched once, however many are missing.
lists=""
apt_install() {
    say "Installing $*"
    if [ -z "$lists" ]; then
        as_root apt-get update -qq || return 1
        lists=fetched
    fi
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Ubuntu's package `chromium` only installs a snap, which containers lack and
# whose private /tmp hides the test's profile: never ask for it there.
is_ubuntu() { grep -qi '^ID=ubuntu' /etc/os-release 2>/dev/null; }

if ! find_chromium >/dev/null; then
    if may_install && ! is_ubuntu; then
        apt_install chromium-headless-shell || apt_install chromium || true
    else
        say "Fetching Playwright's own Chromium"
        "$python" -m playwright install chromium >/dev/null 2>&1 || true
        if may_install; then
            "$python" -m playwright install-deps chromium >/dev/null 2>&1 || true
        fi
    fi
fi
if ! find_chromium >/dev/null; then
    missing="$missing Chromium"
    say "没有可用的 Chromium,浏览器测试无法运行。 No working Chromium was found."
    say "  Debian:  sudo apt-get install chromium"
    say "  Ubuntu:  install google-chrome-stable (the chromium package there is a snap)"
    say "  macOS:   brew install --cask google-chrome"
    say "  elsewhere: CHROMIUM=/path/to/chromium make test"
fi

if ! has_chinese_font; then
    if may_install; then apt_install fontconfig fonts-noto-cjk || true; fi
    if ! has_chinese_font; then
        missing="$missing Chinese-font"
        say "没有中文字体,截图中的汉字会成方框。 No Chinese font was found."
        say "  Debian, Ubuntu:  sudo apt-get install fonts-noto-cjk"
    fi
fi

# What a paper says as PDF is read back, and compared with what may be said.
if ! command -v pdftotext >/dev/null 2>&1; then
    if may_install; then apt_install poppler-utils || true; fi
    if ! command -v pdftotext >/dev/null 2>&1; then
        missing="$missing poppler-utils"
        say "没有 pdftotext,读不出 PDF 中的字。 No pdftotext was found."
        say "  Debian, Ubuntu:  sudo apt-get install poppler-utils"
        say "  macOS:           brew install poppler"
    fi
fi

# One file of tests stands the shipped proxy up; on a desk it is skipped without nginx,
# whose package would start a server there.
if [ "${CI:-}" = true ] && ! PATH="$PATH:/usr/sbin" command -v nginx >/dev/null 2>&1; then
    if may_install; then apt_install nginx-light openssl || true; fi
    PATH="$PATH:/usr/sbin" command -v nginx >/dev/null 2>&1 || missing="$missing nginx"
fi

# One test opens the circular's DOCX as an office would; on a desk it is skipped without
# LibreOffice Writer, which is large.
if [ "${CI:-}" = true ] && ! command -v soffice >/dev/null 2>&1; then
    if may_install; then apt_install libreoffice-writer-nogui || true; fi
    command -v soffice >/dev/null 2>&1 || missing="$missing LibreOffice-Writer"
fi

if [ -n "$missing" ] && [ "${CI:-}" = true ]; then
    say "CI=true: stopping, still missing:$missing"
    exit 1
fi

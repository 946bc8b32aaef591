#!/bin/sh
# Copy all that was filed into a folder of today, and hold the copy to what it should be.
#
#   deploy/backup.sh /srv/ledgers /srv/backup
#
# The newest backup is what /srv/backup/latest leads to. A copy that is not whole stays
# where it is, is named, and never becomes the latest; the exit code is 1.
set -eu

lake=$1
into=$2
python=${VENV:-.venv}/bin/python

mkdir -p "$into"
copy=$(mktemp -d "$into/$(date -u +%Y%m%dT%H%M%SZ).XXXXXX")
# The lock is the writer's: no submission is copied half.
flock "$lake/.lock" cp -a "$lake/lake" "$copy/"
# Who may see what, and the record of acts; absent where nobody has written either.
if [ -d "$lake/access" ]; then
    flock "$lake/access/.lock" cp -a "$lake/access" "$copy/"
fi
"$python" -m data_pipeline restore-check --lake "$copy"
ln -sfn "$(basename "$copy")" "$into/latest"

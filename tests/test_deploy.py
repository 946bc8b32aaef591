"""What `deploy/` ships: the copy of the night, and all that a container needs.

The proxy is stood up in tests/browser/test_proxy.py, the timer of the circular in
tests/test_month_target.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from data_pipeline.store import audit
from tests.shipped import copy_shipped
from tests.tiny_city import build_tiny_city

PROJECT = Path(__file__).resolve().parents[1]
DEPLOY = PROJECT / "deploy"
DRAW_THE_FIRST_PAGE = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("dashboard.py", default_timeout=60).run()
assert not app.exception and app.title, app
"""


def back_up(lake: Path, into: Path) -> int:
    """The exit code of the script, run in the environment of this Python."""
    return subprocess.run(
        ["sh", str(DEPLOY / "backup.sh"), str(lake), str(into)],
        cwd=PROJECT,
        env={**os.environ, "VENV": sys.prefix},
        check=False,
    ).returncode


def test_the_latest_backup_is_the_last_whole_one(copy_lake, tmp_path):
    lake, into = copy_lake(build_tiny_city), tmp_path / "backups"
    audit.record(lake, "anna", "bulletin_issued", month="2016-07")
    assert back_up(lake, into) == 0
    first = (into / "latest").resolve()
    kept = [*lake.glob("lake/**/*.*"), *lake.glob("access/**/*.*")]
    kept_bytes = {p.relative_to(lake): p.read_bytes() for p in kept}
    copied = {p.relative_to(first): p.read_bytes() for p in first.rglob("*.*")}
    assert kept_bytes == copied
    assert Path("access/audit/000001.json") in copied
    stored = next(lake.glob("lake/ledger/*/*.parquet"))
    stored.write_bytes(stored.read_bytes()[:-1])
    assert back_up(lake, into) == 1
    assert (into / "latest").resolve() == first
    assert len(list(into.glob("2*"))) == 2


def test_the_container_holds_all_that_the_dashboard_needs(tiny_lake, tmp_path):
    copy_shipped(tmp_path)
    subprocess.run(
        [sys.executable, "-c", DRAW_THE_FIRST_PAGE],
        cwd=tmp_path,
        env={**os.environ, "LEDGER_LAKE": str(tiny_lake)},
        check=True,
    )

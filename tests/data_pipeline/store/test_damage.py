"""Damage on the disk: named, never a wrong figure, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_pipeline.__main__ import main as pipeline
from data_pipeline.registry import FOLDER_VARIABLE, PACKAGE_FOLDER, load_registry
from data_pipeline.store import snapshots
from data_pipeline.store.lake import Lake, ManifestError
from data_pipeline.store.manifest import Manifest
from data_pipeline.store.sealing import SEAL
from data_pipeline.warehouse import build, current_snapshot
from reports.__main__ import main as reports
from reports.words import catalogue
from tests.pages.drawn import PROJECT
from tests.submitted_rows import ledger_row, roll_row, submit
from ui.lake import LAKE_VARIABLE

EXPORT = ["export", "topic_1_coverage", "--month", "2016-07", "--by", "unit,sector"]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


HARMS = (flip, cut, empty, Path.unlink, pipe, folder)
# Below the current snapshot; all others below the root.
LEAF = "leaf/2016-06.parquet"
MARTS = (LEAF, "roll.parquet", "units.parquet", "snapshot.json")
MARTS += ("compiled/marts/leaf.sql",)


@pytest.fixture(scope="module")
def two_snapshots(tiny_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny city, built twice."""
    root = tmp_path_factory.mktemp("twice") / "lake"
    shutil.copytree(tiny_lake, root)
    with Lake(root).writing():
        build(root, load_registry())
    return root


@pytest.fixture
def lake(two_snapshots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(snapshots, "RECHECK_SECONDS", 0.0)
    return shutil.copytree(two_snapshots, tmp_path / "lake")


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str]) -> Callable[[Path], tuple]:
    """Exit code, rows and what was said of an export; a note in each row cut off."""

    def run(root: Path) -> tuple[int, list[str], str]:
        code = reports([*EXPORT, "--lake", str(root)])
        captured = capsys.readouterr()
        rows = [",".join(line.split(",")[:7]) for line in captured.out.splitlines()]
        return code, rows, captured.err

    return run


@pytest.mark.parametrize("name", MARTS)
def test_a_damaged_snapshot_gives_way_to_the_last_whole_one(lake, export, name):
    _, clean, said = export(lake)
    assert clean and said == ""
    current = current_snapshot(lake)
    path = f"marts/{current.id}/{name}"
    kept = (lake / path).read_bytes()
    # The bytes of all files are held to a digest: one of each kind is enough.
    for harm in HARMS if name in (LEAF, "snapshot.json") else HARMS[:1]:
        harm(lake / path)
        code, rows, said = export(lake)
        assert (code, rows) == (0, clean), harm
        assert path in said and "Snapshot damaged" in said
        if harm is folder:
            (lake / path).rmdir()
        else:
            (lake / path).unlink(missing_ok=True)
        (lake / path).write_bytes(kept)
    assert export(lake) == (0, clean, "")


def test_the_files_of_a_snapshot_are_looked_at_now_and_then(lake, monkeypatch):
    recipe = current_snapshot(lake).recipe
    snapshot = snapshots.whole_snapshot(lake, recipe)
    flip(lake / f"marts/{snapshot.id}/{LEAF}")
    monkeypatch.setattr(snapshots, "RECHECK_SECONDS", 60.0)
    assert snapshots.whole_snapshot(lake, recipe).damaged == ()
    monkeypatch.setattr(snapshots, "RECHECK_SECONDS", 0.0)
    assert snapshots.whole_snapshot(lake, recipe).damaged == (
        f"marts/{snapshot.id}/{LEAF}",
    )


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_damaged_pointer_is_named_and_the_last_snapshot_read(lake, export, harm):
    _, clean, _ = export(lake)
    harm(lake / "CURRENT")
    code, rows, said = export(lake)
    assert (code, rows) == (0, clean)
    assert "CURRENT" in said


def test_without_a_whole_snapshot_it_is_one_sentence(lake, export):
    for path in lake.glob(f"marts/*/{LEAF}"):
        flip(path)
    code, rows, said = export(lake)
    assert (code, rows) == (1, [])
    assert f"{LEAF} is damaged" in said and said.count("\n") == 1
    assert pipeline(["build", "--if-stale", "--lake", str(lake)]) == 0
    assert pipeline(["build", "--lake", str(lake)]) == 0
    assert export(lake)[0] == 0


def test_a_stored_file_is_verified_before_its_rows_are_read(lake, export, capsys):
    _, clean, _ = export(lake)
    stored = Lake(lake).submissions()[1].files[0].path
    for harm in (flip, empty, Path.unlink):
        harm(lake / stored)
        code, rows, said = export(lake)
        assert (code, rows) == (0, clean)
        assert stored in said and "rows of their tables are not shown" in said
        # What is built from it leaves it out and says so.
    assert pipeline(["check", "--lake", str(lake)]) == 1
    assert "damaged_file\tfault\t\t" in capsys.readouterr().out


def test_an_export_by_another_registry_says_what_to_run(
    lake, export, tmp_path, monkeypatch
):
    changed = shutil.copytree(PACKAGE_FOLDER, tmp_path / "registry")
    places = changed / "places.toml"
    places.write_text(places.read_text("utf-8") + "# changed\n", "utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(changed))
    code, rows, said = export(lake)
    assert (code, rows) == (1, [])
    assert "was built before the models or the registry were changed" in said


# The manifest


def entry(root: Path, sequence: int) -> Path:
    return root / "lake" / "manifest" / f"{sequence:06d}.json"


def kinds(root: Path) -> list[tuple[str, str]]:
    return [(f.path, f.kind) for f in Manifest(root).read().faults]


def alter(path: Path) -> None:
    text = path.read_text("utf-8")
    assert '"rows": 6' in text
    path.write_text(text.replace('"rows": 6', '"rows": 7'), "utf-8")


def reseal(path: Path) -> None:
    """Another entry, sealed as if it were the right one."""
    manifest = Manifest(path.parents[2])
    at = int(path.stem)
    known = manifest.read().submissions[at - 1]
    content = manifest.entry(known, "0" * 64)[1]
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "at", "found"),
    [
        (flip, 3, [(3, "altered")]),
        (cut, 3, [(3, "altered")]),
        (empty, 3, [(3, "altered")]),
        (alter, 2, [(2, "altered")]),
        (Path.unlink, 3, [(3, "missing")]),
        (Path.unlink, 1, [(1, "missing")]),
        (Path.unlink, 13, [(13, "missing")]),
        (reseal, 3, [(3, "unchained"), (4, "unchained")]),
        (lambda path: shutil.copy(path, entry(path.parents[2], 14)), 3,
         [(14, "doubled")]),
        (lambda path: shutil.copy(path, entry(path.parents[2], 4)), 3,
         [(4, "doubled")]),
        (folder, 3, [(3, "unreadable")]),
    ],
)  # fmt: skip
def test_an_entry_missing_doubled_or_altered_is_named(lake, capsys, harm, at, found):
    assert kinds(lake) == []
    harm(entry(lake, at))
    named = [(f"lake/manifest/{n:06d}.json", kind) for n, kind in found]
    assert kinds(lake) == named
    with pytest.raises(ManifestError, match=named[0][0]):
        Lake(lake).submissions()
    assert pipeline(["restore-check", "--lake", str(lake)]) == 1
    assert named[0][0] in capsys.readouterr().err
    before = sorted(os.listdir(lake / "lake" / "manifest"))
    assert pipeline(["build", "--lake", str(lake)]) == 1
    assert named[0][0] in capsys.readouterr().err
    assert sorted(os.listdir(lake / "lake" / "manifest")) == before


def test_a_copy_by_hand_is_no_second_submission(lake):
    shutil.copy(entry(lake, 3), entry(lake, 3).with_name("000003 (1).json"))
    assert kinds(lake) == [("lake/manifest/000003 (1).json", "doubled")]


def test_the_head_of_another_lake_is_named_and_no_entry_for_it(lake, tmp_path):
    """Of one with fewer entries: each of ours is followed by the next."""
    other = Lake(tmp_path / "other")
    with other.writing():
        submit(other, "2016-05-01", roll=[roll_row("c1", "350103", "organ")])
    shutil.copy(other.root / "lake" / "head.json", lake / "lake" / "head.json")
    assert kinds(lake) == [("lake/head.json", "head")]


def test_a_damaged_head_is_named_and_written_anew(lake):
    flip(lake / "lake" / "head.json")
    assert kinds(lake) == [("lake/head.json", "head")]
    rows = [ledger_row("2016-07", "350102", "organ", n_branches=4)]
    with Lake(lake).writing():
        submit(Lake(lake), "2016-08-20", rows)
    assert kinds(lake) == []


def test_a_lake_of_before_seals_opens_and_is_sealed_by_its_next_submission(lake):
    for path in sorted((lake / "lake" / "manifest").iterdir()):
        raw = json.loads(path.read_text("utf-8"))
        del raw["previous"], raw[SEAL]
        path.write_text(json.dumps(raw, ensure_ascii=False, indent=1), "utf-8")
    (lake / "lake" / "head.json").unlink()
    assert kinds(lake) == []
    assert len(Lake(lake).submissions()) == 13
    rows = [ledger_row("2016-07", "350102", "organ", n_branches=4)]
    with Lake(lake).writing():
        submit(Lake(lake), "2016-08-20", rows)
    assert kinds(lake) == []
    assert len(Lake(lake).submissions()) == 14
    # From now on the old ones are held to what they said.
    alter(entry(lake, 2))
    assert kinds(lake) == [("lake/manifest/000014.json", "unchained")]


# Restored


def test_a_whole_copy_is_distinguished_from_one_that_is_not(lake, tmp_path, capsys):
    copy = shutil.copytree(lake, tmp_path / "copy")
    assert pipeline(["restore-check", "--lake", str(copy)]) == 0
    assert "whole: 13 submissions" in capsys.readouterr().out
    stored = Lake(copy).submissions()[0].files[0].path
    flip(copy / stored)
    assert pipeline(["restore-check", "--lake", str(copy)]) == 1
    assert stored in capsys.readouterr().err
    shutil.copy(lake / stored, copy / stored)
    stray = (copy / stored).with_name("20160401T000000000000Z-000000000000.parquet")
    shutil.copy(copy / stored, stray)
    assert pipeline(["restore-check", "--lake", str(copy)]) == 1
    assert stray.name in capsys.readouterr().err
    assert pipeline(["restore-check", "--lake", str(tmp_path / "nothing")]) == 1


@pytest.mark.skipif(not shutil.which("flock"), reason="no flock on this system")
def test_the_backup_that_operations_describe_restores_the_same_figures(
    lake, export, tmp_path
):
    _, clean, _ = export(lake)
    lake.rename(tmp_path / "ledgers")
    (tmp_path / "backup").mkdir()
    guide = (PROJECT / "docs" / "operations.md").read_text("utf-8")
    section = guide.partition("## Backup and repair")[2].partition("\n## ")[0]
    back_up, restore = section.split("```")[1:4:2]
    for commands in (back_up, restore):
        script = commands.replace("/srv/", f"{tmp_path}/")
        script = script.replace("python ", f"{sys.executable} ")
        ran = subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
    assert "whole: 13 submissions" in ran.stdout
    assert not (tmp_path / "backup" / "marts").exists()
    assert export(tmp_path / "restored") == (0, clean, "")


# The dashboard


@pytest.fixture
def page(lake: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Draw the first page: titles, warnings and texts; a traceback fails."""
    monkeypatch.setenv(LAKE_VARIABLE, str(lake))

    def draw() -> list[str]:
        app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
        app.query_params["lang"] = "en"
        app.run()
        assert not app.exception
        parts = (app.title, app.error, app.markdown, app.code)
        return [element.value for part in parts for element in part]

    return draw


def test_the_dashboard_names_what_is_damaged_and_goes_on(lake, page):
    assert not any("damaged" in words for words in page())
    flip(lake / "marts" / current_snapshot(lake).id / LEAF)
    # Set as text, in which a hyphen is no mark.
    assert any(catalogue.plain(LEAF) in words for words in page())
    stored = Lake(lake).submissions()[1].files[0].path
    (lake / stored).unlink()
    assert any("rows of their tables are not shown" in words for words in page())
    flip(lake / "CURRENT")
    assert any("CURRENT" in words for words in page())
    empty(entry(lake, 3))
    assert page()


def test_the_dashboard_says_when_nothing_can_be_read(lake, page):
    shutil.rmtree(lake / "marts")
    said = page()
    assert "The snapshot is damaged" in said
    assert any("restore-check" in words for words in said)
    (lake / "CURRENT").unlink()
    assert "Nothing to show yet" in page()


def test_the_dashboard_says_that_the_snapshot_is_of_another_registry(
    page, tmp_path, monkeypatch
):
    changed = shutil.copytree(PACKAGE_FOLDER, tmp_path / "registry")
    places = changed / "places.toml"
    places.write_text(places.read_text("utf-8") + "# changed\n", "utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(changed))
    said = page()
    assert "The snapshot has to be built again" in said
    assert not any("demo" in words for words in said)

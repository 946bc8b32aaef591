"""What is said of a file before it is filed is what is so afterwards."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import ClockError, Lake, LakeBusyError
from data_pipeline.submissions import (
    list_submissions,
    read_manifest,
    read_withdrawn,
)
from data_pipeline.upload import (
    ChangedError,
    Upload,
    fault_sentence,
    file_uploads,
    is_markable,
    look_at,
    mark_workbook,
    rebuild,
    withdraw_submission,
)
from tests.data_pipeline.filed_workbooks import HEADINGS, good_rows, put, write_xlsx
from tests.shared_lakes import files_of
from tests.tiny_city import FUQING, ORGANS, build_tiny_city, write_workbook

MONTH = "2016-07"
# 市直机关 in July: two of its five branches held the second topic by the file's word.
ROW = list(ORGANS[MONTH][0])
AT = {"n_lectures": 9, "n_branches_topic_1": 11, "n_branches_topic_2": 12}


def july(folder: Path, name: str = "07.xlsx", **figures: object) -> Upload:
    """July of 市直机关 as it was filed, but for these figures."""
    row = list(ROW)
    for column, value in figures.items():
        row[AT[column]] = value
    write_workbook(folder / name, "台账", [tuple(row)], "口径: 当月")
    return Upload.named(name, (folder / name).read_bytes())


@pytest.fixture
def lake(copy_lake) -> Path:
    return copy_lake(build_tiny_city)


def n_submissions(root: Path) -> int:
    return len(Lake(root).submissions())


def test_a_preview_says_what_filing_then_brings_and_stores_nothing(lake, tmp_path):
    registry = load_registry()
    marts = open_marts(lake)
    query = {"by": ["unit"], "months": [MONTH]}
    before = read_rates(marts, "topic_2_coverage", **query).set_index("unit")
    files = files_of(lake)
    upload = july(tmp_path, n_branches_topic_2=1)
    preview = look_at(lake, [upload], registry)
    assert files_of(lake) == files
    (brought,) = preview.brought.to_dict("records")
    counts = {"n_rows": 1, "n_new": 0, "n_changed": 1, "n_same": 0, "n_left_out": 0}
    assert brought == {"table_name": "ledger", "month": MONTH} | counts
    (change,) = preview.changes.to_dict("records")
    assert (change["column_name"], change["before"], change["after"]) == (
        "n_branches_topic_2",
        "2",
        "1",
    )
    moved = preview.moved.set_index(["metric", "month", "unit"])
    figure = moved.loc[("topic_2_coverage", MONTH, "ZSJG")]
    assert figure["was_numerator"] == before.loc["ZSJG", "numerator"]
    assert set(moved.index.get_level_values("unit")) == {"ZSJG"}
    totals = preview.totals.set_index("column_name")["total"]
    assert (totals["n_branches"], totals["n_branches_topic_2"]) == (5, 1)
    assert not preview.is_nothing_new

    report = file_uploads(lake, [upload], registry, state=preview.state)
    assert [one.is_new for one in report.accepted] == [True]
    rebuild(lake, registry)
    after = read_rates(open_marts(lake), "topic_2_coverage", **query).set_index("unit")
    assert figure["numerator"] == after.loc["ZSJG", "numerator"] == 1
    others = [unit for unit in after.index if unit != "ZSJG"]
    assert after.loc[others].equals(before.loc[others])

    # The same preview cannot be confirmed twice, and the same file says so.
    with pytest.raises(ChangedError):
        file_uploads(lake, [upload], registry, state=preview.state)
    again = look_at(lake, [upload], registry)
    assert again.is_nothing_new
    assert again.files[0].same.id == report.accepted[0].submission
    assert again.brought[["n_rows", "n_same"]].to_numpy().tolist() == [[1, 1]]
    assert n_submissions(lake) == 14
    # Withdrawn it is not the same any more: it would count again.
    withdraw_submission(lake, registry, again.files[0].same.id, reason="试一次")
    assert not look_at(lake, [upload], registry).is_nothing_new


def test_by_a_clock_that_was_set_back_nothing_is_looked_at_or_filed(lake, tmp_path):
    registry, first = load_registry(), july(tmp_path, n_branches_topic_2=1)
    state = look_at(lake, [first], registry).state
    (last,) = file_uploads(lake, [first], registry, state=state).accepted
    files, second = files_of(lake), july(tmp_path, n_branches_topic_2=2)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    state = look_at(lake, [second], registry).state
    for file in (
        lambda: look_at(lake, [second], registry, now=yesterday),
        lambda: file_uploads(lake, [second], registry, state=state, now=yesterday),
    ):
        with pytest.raises(ClockError) as fault:
            file()
        for language, words in (("zh", "本机时钟是"), ("en", "The clock says")):
            said = fault_sentence(fault.value, language)
            assert words in said
            assert f"{yesterday:%Y-%m-%d %H:%M:%S}" in said
    assert files_of(lake) == files
    # Once the clock is right it counts.
    (filed,) = file_uploads(lake, [second], registry, state=state).accepted
    assert filed.n_outdated == 0
    assert filed.submission != last.submission


def test_a_preview_follows_the_lake_and_not_a_snapshot_that_is_behind(lake, tmp_path):
    registry = load_registry()
    first = july(tmp_path, n_branches_topic_2=1)
    state = look_at(lake, [first], registry).state
    file_uploads(lake, [first], registry, state=state)
    # Nothing was built since: what is in force is 1, not the 2 of the snapshot.
    preview = look_at(lake, [july(tmp_path, n_branches_topic_2=3)], registry)
    (change,) = preview.changes.to_dict("records")
    assert (change["before"], change["after"]) == ("1", "3")
    moved = preview.moved.set_index(["metric", "month"])
    assert moved.loc[("topic_2_coverage", MONTH), "was_numerator"] == 1


def test_what_a_file_leaves_out_and_what_a_rule_would_say(lake, tmp_path):
    # June of 福清 without its 非公.
    row = list(FUQING["2016-06"][0])
    row[AT["n_lectures"]] = 13
    write_workbook(tmp_path / "06.xlsx", "台账", [tuple(row)], "")
    upload = Upload.named("06.xlsx", (tmp_path / "06.xlsx").read_bytes())
    preview = look_at(lake, [upload], load_registry())
    (left,) = preview.left_out.to_dict("records")
    assert (left["unit"], left["sector"], left["month"]) == (
        "350181",
        "nonpublic",
        "2016-06",
    )
    assert "left_out_later" in set(preview.warned["rule"])
    assert preview.settled.empty


def test_each_file_stands_alone_and_a_group_files_its_own(lake, tmp_path):
    registry = load_registry()
    good = july(tmp_path, n_lectures=5)
    uploads = [
        Upload.named("假.xlsx", b"no workbook at all"),
        good,
        Upload.named("大.xlsx", b"PK\x03\x04" + b"0" * (5 * 1024**2)),
        Upload.named("空.csv", b""),
    ]
    preview = look_at(lake, uploads, registry)
    codes = [[f.code for f in one.reading.findings] for one in preview.files]
    assert codes == [["E_TYPE"], [], ["E_BOMB"], ["E_EMPTY"]]
    assert [one.opened.name for one in preview.readable] == ["07.xlsx"]
    assert not any(is_markable(one.opened) for one in preview.files if not one.accepted)
    foreign = look_at(lake, [good], registry, group="G1")
    assert {f.code for f in foreign.files[0].reading.findings} == {"E_SCOPE"}
    assert not foreign.readable and foreign.brought.empty
    with Lake(lake).writing(), pytest.raises(LakeBusyError):
        file_uploads(lake, [good], registry, state=preview.state)
    assert n_submissions(lake) == 13


def test_a_marked_copy_shows_each_fault_and_nothing_that_runs(tmp_path):
    registry, path = load_registry(), tmp_path / "坏.xlsx"
    rows = good_rows()
    put(rows, "H2", "约30")
    put(rows, "I3", "=cmd()")
    rows[3].append("13800138000")
    rows = [[*HEADINGS, "联系电话"], *rows]
    write_xlsx(path, {"台账": rows})
    upload = Upload.named(path.name, path.read_bytes())
    (looked,) = look_at(Path(tmp_path / "no_lake"), [upload], registry).files
    findings = looked.reading.findings
    assert findings and is_markable(looked.opened)
    content = mark_workbook(looked.opened, findings)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["核对结果", "台账"]
    assert book["核对结果"].max_row == len(findings) + 1
    marked = {
        cell.coordinate: cell.comment.text
        for row in book["台账"].iter_rows()
        for cell in row
        if cell.comment
    }
    assert set(marked) == {f.cell for f in findings if f.sheet == "台账" and f.cell}
    for finding in findings:
        if finding.cell:
            assert finding.code in marked[finding.cell]
            fill = book["台账"][finding.cell].fill.fgColor.rgb
            assert fill == "FFFFC7CE"
    assert book["台账"]["H2"].value == "约30"
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        texts = {name: parts.read(name).decode("utf-8") for name in parts.namelist()}
    assert not any("externalLink" in name for name in texts)
    assert not any(re.search(r"<f[ >]", text) for text in texts.values())
    assert not any("hyperlink" in text for text in texts.values())
    assert not any("13800138000" in text for text in texts.values())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/七月.xlsx", "七月.xlsx"),
        ("C:\\temp\\a.csv", "a.csv"),
        ("=1+1.xlsx", "=1+1.xlsx"),
        ("a\nb\t.xlsx", "a b .xlsx"),
        ("长" * 300 + ".xlsx", "长" * 120 + ".xlsx"),
    ],
)
def test_a_name_is_one_line_and_no_path(given, kept):
    assert Upload.named(given, b"").name == kept


def test_the_list_of_submissions_names_who_withdrew_what_and_why(lake):
    registry = load_registry()
    last = Lake(lake).submissions()[-1]
    withdraw_submission(lake, registry, last.id, reason="重报")
    listed = list_submissions(read_manifest(lake)[0], registry)
    assert len(listed) == 13
    row = listed.iloc[-1]
    assert (row["submission"], row["months"], row["n_rows"]) == (last.id, (MONTH,), 1)
    assert row["withdrawn"] and row["reason"] == "重报"
    assert (listed["withdrawn"][:-1] == "").all()


def test_what_was_withdrawn_is_listed_by_place_as_far_as_a_snapshot_knows(lake):
    registry = load_registry()
    filed = {one.file: one for one in Lake(lake).submissions()}
    roll, april = filed["名册-仓山.xlsx"], filed["04-福清.xlsx"]
    withdraw_submission(lake, registry, april.id, reason="口径不对")
    before = rebuild(lake, registry)
    withdraw_submission(lake, registry, roll.id, reason="旧名册", group=None)
    after = rebuild(lake, registry)

    places = ["table_name", "month", "unit", "sector", "supervision_group", "n_rows"]
    rows = read_withdrawn(lake, before, registry)
    assert sorted(rows[places].itertuples(index=False, name=None)) == [
        ("ledger", "2016-04", "350181", "nonpublic", "G2", 1),
        ("ledger", "2016-04", "350181", "rural", "G2", 1),
    ]
    assert set(rows["reason"]) == {"口径不对"}
    rows = read_withdrawn(lake, after, registry)
    assert list(rows["source_file"].unique()) == ["名册-仓山.xlsx", "04-福清.xlsx"]
    roll_rows = rows[rows["table_name"] == "roll"]
    assert set(roll_rows["month"]) == {""}
    assert dict(roll_rows.groupby("sector")["n_rows"].sum()) == {
        "rural": 4,
        "community": 2,
    }

    # Of a damaged file nobody knows the places, only that it was withdrawn.
    (file,) = april.files
    (lake / file.path).write_bytes(b"damaged")
    rows = read_withdrawn(lake, before, registry)
    assert list(rows[places].itertuples(index=False, name=None)) == [
        ("ledger", "2016-04", "", "", "", 2)
    ]

"""A frame as a file: columns, bytes, guards and what the file says of itself."""

from __future__ import annotations

import dataclasses
import errno
import io
import json
import os
import time
from types import SimpleNamespace

import pandas as pd
import pyarrow.parquet as pq
import pytest

from data_pipeline.csv_file import guard_text
from reports.files import all_figures, export
from reports.files.export_context import MEASURES
from tests.reports.samples import DEMO, PAST, REAL, context, rates

BY = ("unit", "sector")
FRAME = rates(
    BY,
    [
        ("350104", "rural", 2, 4, 1, 0),
        ("350181", "rural", 0, 0, 0, 1),
        ("ZSJG", "organ", 6, 5, 0, 0),
    ],
)


def csv_text(frame=FRAME, **changes) -> str:
    return export.to_bytes(frame, context(by=BY, **changes), "csv").decode("utf-8-sig")


def test_csv_has_a_bom_the_contract_columns_in_order_and_an_empty_undefined_rate():
    content = export.to_bytes(FRAME, context(by=BY), "csv")
    assert content == (
        b"\xef\xbb\xbf"
        b"unit,sector,numerator,denominator,rate,n_blank,n_missing\n"
        b"350104,rural,2,4,0.5,1,0\n"
        b"350181,rural,0,0,,0,1\n"
        b"ZSJG,organ,6,5,1.2,0,0\n"
    )


def test_the_long_file_is_of_no_language_and_says_in_both_what_its_data_are():
    frame, marts = pd.DataFrame({"metric": ["m"]}), SimpleNamespace(snapshot=DEMO)
    content = all_figures.to_bytes(frame, marts, "csv").decode("utf-8-sig")
    assert content.splitlines()[1].endswith("示例数据 (Demo data)")


def test_columns_stand_in_the_order_of_the_contract_whatever_the_frames_order():
    shuffled = FRAME[["n_missing", "rate", "sector", "denominator", "unit"]].assign(
        numerator=FRAME["numerator"], n_blank=FRAME["n_blank"]
    )
    assert csv_text(shuffled) == csv_text()


def test_a_verified_frame_ends_with_its_interval():
    frame = FRAME.drop(columns="n_missing").assign(std_error=0.1, lower=0.3, upper=0.7)
    header = csv_text(frame, basis="verified").splitlines()[0]
    assert header == (
        "unit,sector,numerator,denominator,rate,n_blank,std_error,lower,upper"
    )


@pytest.mark.parametrize(
    ("snapshot", "note"),
    [(DEMO, "示例数据"), (PAST, "截至 2016-07-31 00:00+00:00 收到的台账")],
)
def test_every_row_of_demo_or_past_data_says_so_in_a_last_column(snapshot, note):
    header, *rows = csv_text(snapshot=snapshot).splitlines()
    assert header.endswith(",n_missing,data_note")
    assert rows and all(row.endswith(f",{note}") for row in rows)


def test_a_damaged_file_is_noted_in_the_metadata_but_adds_no_column():
    damaged = dataclasses.replace(REAL, set_aside=("a.parquet",))
    assert csv_text(snapshot=damaged) == csv_text()
    query = context(by=BY, snapshot=damaged)
    assert "1 个文件已损坏" in export.describe(query)["notice"]


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=HYPERLINK(0)", "'=HYPERLINK(0)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("\uff1d1", "'\uff1d1"),  # full-width = + - @
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20x", "'\uff20x"),
        ("-5", "-5"),
        ("+3.5e-2", "+3.5e-2"),
        ("城门镇", "城门镇"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_text_that_looks_like_a_formula_is_quoted_and_a_plain_number_is_not(
    text, guarded
):
    assert guard_text(text) == guarded


def test_a_township_named_like_a_formula_reaches_the_csv_quoted():
    frame = rates(("township",), [("=1+1,\n", 1, 2, 0, 0)])
    content = export.to_bytes(frame, context(by=("township",)), "csv")
    assert pd.read_csv(io.BytesIO(content))["township"].tolist() == ["'=1+1,\n"]


def test_nullable_columns_write_the_same_csv_as_plain_ones():
    nullable = FRAME.convert_dtypes()
    assert csv_text(nullable) == csv_text()


def test_parquet_holds_the_same_columns_typed_with_null_for_undefined():
    table = pq.read_table(io.BytesIO(export.to_bytes(FRAME, context(by=BY), "parquet")))
    assert table.schema.names == [*BY, *MEASURES]
    assert [str(field.type) for field in table.schema] == (
        ["string"] * 2 + ["int64"] * 2 + ["double"] + ["int64"] * 2
    )
    assert table.column("rate").to_pylist() == [0.5, None, 1.2]


def test_parquet_metadata_says_filters_snapshot_and_notice():
    query = context(by=BY, snapshot=DEMO, where={"unit": ("350104",)})
    content = export.to_bytes(FRAME, query, "parquet")
    metadata = {
        key.decode(): value.decode()
        for key, value in pq.read_schema(io.BytesIO(content)).metadata.items()
    }
    assert metadata["snapshot"] == DEMO.id
    assert metadata["notice"] == "示例数据"
    assert metadata["metric"] == "topic_2_coverage"
    assert metadata["denominator"] == "n_branches"
    assert json.loads(metadata["where"]) == {"unit": ["350104"]}
    assert json.loads(metadata["months"]) == ["2016-07"]


@pytest.mark.parametrize("format", export.FORMATS)
def test_the_same_frame_gives_the_same_bytes_at_another_hour(format, monkeypatch):
    query = context(by=BY, snapshot=DEMO)
    first = export.to_bytes(FRAME, query, format)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert export.to_bytes(FRAME, query, format) == first
    finally:
        monkeypatch.undo()
        time.tzset()


def test_another_snapshot_gives_other_bytes_of_parquet():
    other = dataclasses.replace(REAL, id="another")
    assert export.to_bytes(FRAME, context(by=BY), "parquet") != export.to_bytes(
        FRAME, context(by=BY, snapshot=other), "parquet"
    )


def test_an_unknown_format_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match="csv, xlsx, parquet, not 'pdf'"):
        export.to_bytes(FRAME, context(by=BY), "pdf")


def test_write_replaces_the_file_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    export.write(b"new", path)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        export.write(b"new", path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_name_tells_metric_months_grouping_basis_filters_and_snapshot():
    query = context(
        by=BY,
        months=("2016-07", "2016-04"),
        basis="verified",
        where={"unit": ("350104", "ZSJG"), "sector": ()},
    )
    name = export.file_name(query.name_parts, REAL, "1a2b3c4d", "csv")
    assert name == (
        "topic_2_coverage_2016-04_2016-07_unit_sector_verified_unit-350104-ZSJG_"
        "20160815T010000-0a1b2c3d_1a2b3c4d.csv"
    )


def test_a_file_name_says_made_up_and_past_and_leaves_no_folder():
    parts = ("on_time", "../城关/镇 1")
    names = [export.file_name(parts, s, "1a2b3c4d", "csv") for s in (DEMO, PAST)]
    assert [name.removeprefix("on_time_..-城关-镇-1_") for name in names] == [
        f"{REAL.id}_示例数据_1a2b3c4d.csv",
        f"{REAL.id}_截至2016-07-31T0000_1a2b3c4d.csv",
    ]


def test_a_file_name_of_a_hundred_townships_still_fits_and_keeps_its_identity():
    parts = ("topic_1_coverage", "township-" + "-".join(["螺洲镇人民政府"] * 100))
    name = export.file_name(parts, DEMO, "1a2b3c4d", "parquet")
    assert len(name.encode()) <= 240
    assert name.startswith("topic_1_coverage_township-螺洲镇")
    assert name.endswith(f"_{REAL.id}_示例数据_1a2b3c4d.parquet")


def test_a_named_and_long_export_has_names_totals_and_the_query():
    frame = pd.concat([rates(BY, [(None, None, 8, 9, 1, 1)]), FRAME], ignore_index=True)
    options = {
        "where": {"sector": ("rural", "organ")},
        "is_named": True,
        "is_long": True,
    }
    lines = csv_text(frame, **options).splitlines()
    assert lines[0] == (
        "unit,unit_name,sector,sector_name,is_total,numerator,denominator,rate,n_blank,"
        "n_missing,metric,metric_name,basis,basis_name,months,filters,snapshot"
    )
    metric, basis = "topic_2_coverage,第二专题覆盖率", "reported,上报"
    repeated = f'{metric},{basis},2016-07,"sector=rural,organ",{REAL.id}'
    assert lines[1:3] == [
        f",全市,,总体,1,8,9,{8 / 9!r},1,1,{repeated}",
        f"350104,仓山区,rural,农村,0,2,4,0.5,1,0,{repeated}",
    ]
    rows = pd.read_csv(io.StringIO("\n".join(lines)))
    assert rows.loc[rows["is_total"] == 0, "numerator"].sum() == 8

"""The part of a supervision group: its own figures to the last digit, nobody else's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from data_pipeline.flags import build_with_flags
from data_pipeline.rates import Marts, open_marts, read_rates, resolve_snapshot
from data_pipeline.registry import of_group, whole_registry
from data_pipeline.store.lake import Lake
from data_pipeline.store.part import write_part_of_lake, write_part_of_snapshot
from data_pipeline.store.restore_check import examine
from data_pipeline.store.snapshots import DamagedSnapshotError
from data_pipeline.store.withdrawal import withdraw
from data_pipeline.warehouse import build, check
from tests.checked_city import build_checked_city
from tests.doubtful_city import build_doubtful_city
from tests.office_city import build_office_city
from tests.submitted_rows import instant, ledger_row, submit
from tests.tiny_city import build_tiny_city

CITIES = (build_office_city, build_doubtful_city, build_checked_city)
# The other two have rows of their own in one of the cities only.
GROUPS = ("G1", "G2")


def part_of(lake: Path, group: str, root: Path) -> Marts:
    registry = whole_registry()
    snapshot = resolve_snapshot(lake, registry)
    write_part_of_snapshot(lake, snapshot, group, registry, root)
    known = of_group(registry, group)
    built = build_with_flags(root, known, now=snapshot.built_at)
    return open_marts(root, known, built)


@pytest.fixture(scope="module")
def open_part(shared_lakes) -> Callable[..., tuple[Marts, Marts]]:
    """`open_part(build_tiny_city, "G1")`: the part of a group, and the whole."""
    opened: dict = {}

    def open_both(make: Callable[..., Path], group: str) -> tuple[Marts, Marts]:
        if (make, group) not in opened:
            folder = tempfile.TemporaryDirectory()
            lake = shared_lakes.of(make)
            part = part_of(lake, group, Path(folder.name))
            opened[make, group] = part, open_marts(lake), folder
        return opened[make, group][:2]

    return open_both


def texts(marts: Marts) -> dict[str, set[str]]:
    """Every text of every table and view, by the names of its column and table."""
    cursor = marts.cursor()
    columns = cursor.execute(
        "select table_name, column_name from duckdb_columns()"
        " where not internal and data_type = 'VARCHAR'"
    ).fetchall()
    return {
        f"{table}.{column}": {
            text
            for (text,) in cursor.execute(
                f'select distinct "{column}" from "{table}"'
            ).fetchall()
            if text
        }
        for table, column in columns
    }


def foreign_names(whole: Marts, group: str) -> set[str]:
    """Codes of the other groups' units and of all branches of them."""
    units = whole.registry.units.values()
    rows = whole.query("roll_rows", _everywhere())
    codes = {unit.code for unit in units if unit.group != group}
    return codes | {*rows["branch"][rows["unit"].isin(codes)]}


def _everywhere() -> dict[str, object]:
    names = ("groups", "units", "townships", "sectors")
    parameters: dict[str, object] = {name: [""] for name in names}
    return parameters | {f"all_{name}": True for name in names} | {"month": ""}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("make", CITIES)
def test_a_group_reads_of_its_units_what_the_office_reads(make, group, open_part):
    part, whole = open_part(make, group)
    units = set(part.registry.units)
    for metric in whole.registry.metrics.values():
        for by in (["month", "unit", "sector"], ["month", "supervision_group"]):
            if not {*by} <= {*metric.dimensions}:
                continue
            months = part.months or whole.months[:1]
            found = read_rates(part, metric.id, by=by, months=months)
            of_all = read_rates(whole, metric.id, by=by, months=months)
            codes = units if "unit" in by else {group}
            expected = of_all[of_all[by[1]].isin(codes)].reset_index(drop=True)
            # Where checks begin with the first of anybody, the group's own is later.
            both = expected.merge(found[by], on=by)
            pd.testing.assert_frame_equal(found, both, check_dtype=False)
            assert expected["numerator"].sum() == found["numerator"].sum()


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("make", CITIES)
def test_nothing_that_a_group_can_read_names_a_place_of_another(make, group, open_part):
    part, whole = open_part(make, group)
    foreign = foreign_names(whole, group)
    leaked = {
        place: named
        for place, found in texts(part).items()
        if (named := {text for text in found for code in foreign if code == text})
    }
    assert leaked == {}
    everywhere = set().union(*texts(whole).values())
    assert foreign & everywhere, "the city has something to hide"


@pytest.mark.parametrize("group", GROUPS)
def test_what_check_finds_for_a_group_is_of_its_rows(group, open_part):
    part, whole = open_part(build_doubtful_city, group)
    units = set(part.registry.units)
    found = check(part.root, part.snapshot, part.registry).to_pandas()
    of_all = check(whole.root, whole.snapshot, whole.registry).to_pandas()
    assert len(found) == of_all["unit"].isin(units).sum()
    assert set(found["unit"]) <= units


def test_submissions_keep_number_and_time_and_those_of_others_say_nothing(
    copy_lake, tmp_path
):
    root = copy_lake(build_tiny_city)
    lake = Lake(root)
    with lake.writing():
        row = ledger_row("2016-07", "350123", "rural", n_branches=1)
        sent = submit(lake, "2016-08-20", [row], file="罗源县.xlsx")
        row = ledger_row("2016-07", "350104", "rural", n_branches=1)
        submit(lake, "2016-08-21", [row], file="仓山区.xlsx")
        received = instant("2016-08-22")
        withdraw(
            lake, whole_registry(), sent.id, reason="罗源县报错了", received=received
        )
    write_part_of_lake(root, "G1", whole_registry(), tmp_path / "part")
    part = Lake(tmp_path / "part").submissions()
    whole = lake.submissions()
    same = [(one.sequence, one.id, one.received, one.withdraws) for one in whole]
    assert [(o.sequence, o.id, o.received, o.withdraws) for o in part] == same
    assert [one.file for one in part][-3:] == ["", "仓山区.xlsx", ""]
    assert "罗源" not in repr(part)
    assert examine(tmp_path / "part").faults == ()


def test_what_a_group_has_withdrawn_does_not_count_for_it(copy_lake, tmp_path):
    root = copy_lake(build_tiny_city)
    lake, registry = Lake(root), whole_registry()
    with lake.writing():
        row = ledger_row("2016-07", "350102", "organ", n_branches=7)
        sent = submit(lake, "2016-08-20", [row])
        received = instant("2016-08-22")
        withdraw(lake, registry, sent.id, reason="报错了月份", received=received)
        build(root, registry)
    part = part_of(root, "G1", tmp_path / "part")
    query = {"where": {"unit": ["350102"]}, "months": ["2016-07"]}
    assert read_rates(part, "topic_1_coverage", **query)["denominator"].sum() == 0


def test_of_a_lake_whose_entries_are_damaged_nobody_knows_a_part(copy_lake, tmp_path):
    root = copy_lake(build_tiny_city)
    snapshot = resolve_snapshot(root, whole_registry())
    (root / "lake" / "manifest" / "000002.json").write_text("{")
    with pytest.raises(DamagedSnapshotError):
        write_part_of_snapshot(root, snapshot, "G1", whole_registry(), tmp_path / "p")

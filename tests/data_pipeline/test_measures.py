"""Measures of tables that have no SQL of their own: rows in, rates out, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.rates import Marts, open_marts
from data_pipeline.registry import Registry, RegistryError, load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.counted_rates import rates
from tests.extended_registry import copy_registry
from tests.submitted_rows import day, ledger_row, roll_row, submit


def columns(*described: tuple[str, str, str]) -> str:
    """TOML of columns from name, type and what else is said of each."""
    return "".join(
        f"""
[[column]]
name = "{name}"
heading = "{name}"
type = "{type}"
definition_zh = "。"
definition_en = "{name}."
{more}
"""
        for name, type, more in described
    )


# Care: state of a month by kind of person, by mode where it is said. Visit: an act of a
# group on a day, of a branch or of nobody.
CARE = (
    """
sheet = "关怀"
label_zh = "关怀"
label_en = "Care"
key = ["month", "unit", "sector", "kind", "mode"]
title_zh = "关怀"
"""
    + columns(
        ("month", "month", "required = true"),
        ("unit", "unit", "required = true"),
        ("sector", "sector", "required = true"),
        ("kind", "word", 'words = { "流动" = "floating", "年老" = "frail" }'),
        ("mode", "word", 'words = { "上门" = "home_visit", "线上" = "online" }'),
        ("n_persons", "count", 'kind = "state"'),
        ("n_covered", "count", 'kind = "state"'),
        ("n_meetings", "count", 'kind = "in_month"'),
    )
    + """
[[measure]]
name = "n_persons_whole"
label_zh = "人数"
label_en = "Persons"
column = "n_persons"
where = { mode = "" }
clock = ["month"]

[[measure]]
name = "n_covered_whole"
label_zh = "已覆盖"
label_en = "Covered"
column = "n_covered"
where = { mode = "" }
clock = ["month"]

[[measure]]
name = "n_covered_so"
label_zh = "按方式覆盖"
label_en = "Covered by a mode"
column = "n_covered"
where = { mode = ["home_visit", "online"] }
clock = ["month"]

[[measure]]
name = "n_meetings_to_date"
label_zh = "次数"
label_en = "Meetings"
column = "n_meetings"
time = "to_date"
clock = ["month"]
"""
)
VISIT = (
    """
sheet = "走访"
label_zh = "走访"
label_en = "Visits"
key = ["visit_date", "supervision_group", "branch", "act"]
title_zh = "走访"
"""
    + columns(
        ("visit_date", "date", "required = true"),
        ("supervision_group", "group", "required = true"),
        ("branch", "branch", "optional = true"),
        ("act", "word", 'words = { "约谈" = "interview", "信息" = "information" }'),
        ("n_times", "count", 'kind = "in_month"'),
    )
    + """
[[measure]]
name = "n_visit_interviews"
label_zh = "约谈"
label_en = "Interviews"
column = "n_times"
blank = 1
where = { act = "interview" }
time = "to_date"
clock = ["visit_date"]

[[measure]]
name = "n_information"
label_zh = "信息"
label_en = "Information"
column = "n_times"
blank = 1
time = "in_month"
clock = ["visit_date"]

[[measure]]
name = "n_branches_visited"
label_zh = "走访支部"
label_en = "Branches visited"
aggregate = "branches"
time = "to_date"
clock = ["visit_date"]
"""
)
METRICS = "".join(
    f"""
[[metric]]
id = "{id}"
table = "{table}"
label_zh = "{id}"
label_en = "{id}"
numerator = "{numerator}"
unit = "share"
better = "higher"
quote = "全市16198个党支部"
{more}
"""
    for id, table, numerator, more in (
        ("covered", "care", "n_covered_whole", 'denominator = "n_persons_whole"'),
        (
            *("covered_so", "care", "n_covered_so"),
            'denominator = "n_persons_whole"\npairs = "places"',
        ),
        ("met", "care", "n_meetings_to_date", 'denominator = "n_branches"'),
        (
            "visited",
            "visit",
            "n_branches_visited",
            'denominator = "n_branches_on_roll"',
        ),
        (
            *("interviewed", "visit", "n_visit_interviews"),
            'owed_by = { place = "supervision_group" }',
        ),
        (
            *("informed", "visit", "n_information"),
            'owed_by = { place = "supervision_group", each = "week" }',
        ),
    )
)
CITY = ("350102", "organ")


def care(month: str, place: tuple[str, str], kind: str, mode=None, **counts) -> dict:
    unit, sector = place
    key = {"month": month, "unit": unit, "sector": sector, "kind": kind}
    return {**key, "mode": mode, **counts}


def visit(date: str, group: str, branch=None, act="interview", **counts) -> dict:
    key = {"visit_date": day(date), "supervision_group": group, "act": act}
    return {**key, "branch": branch, **counts}


def load(folder: Path) -> Registry:
    copied = copy_registry(folder)
    (copied / "tables" / "care.toml").write_text(CARE, "utf-8")
    (copied / "tables" / "visit.toml").write_text(VISIT, "utf-8")
    (copied / "metrics" / "care.toml").write_text(METRICS, "utf-8")
    return load_registry(copied)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    folder = tmp_path_factory.mktemp("measures")
    registry = load(folder)
    lake = Lake(folder / "lake_root")
    roll = [
        roll_row("A1", *CITY, branch_type="ordinary"),
        roll_row("A2", *CITY, branch_type="joint"),
        roll_row("B1", "350181", "rural", branch_type="ordinary"),
    ]
    tables = {
        "roll": roll,
        "care": [
            care("2016-05", CITY, "floating", n_persons=10, n_covered=4, n_meetings=1),
            care("2016-05", CITY, "frail", n_persons=6, n_covered=None),
            care("2016-05", CITY, "floating", "online", n_covered=3),
            care("2016-05", CITY, "floating", "home_visit", n_covered=1),
            care("2016-05", ("350181", "rural"), "floating", n_persons=5, n_covered=5),
            # No row without a mode: its place has no denominator.
            care("2016-05", ("350103", "soe"), "floating", "online", n_covered=9),
            care("2016-06", CITY, "floating", n_persons=10, n_covered=7, n_meetings=2),
        ],
        "visit": [
            visit("2016-05-10", "G1", "A1"),
            visit("2016-05-11", "G1", "A1", n_times=2),
            visit("2016-06-01", "G1", "A2", act="information"),
            visit("2016-06-02", "G2", act="information", n_times=3),
            visit("2016-06-03", "G2", "B1"),
        ],
    }
    ledgers = [
        ledger_row("2016-05", *CITY, n_branches=2),
        ledger_row("2016-06", *CITY, n_branches=2),
    ]
    with lake.writing():
        submit(lake, "2016-07-01", ledgers, registry=registry, **tables)
        # A later row of the same key takes the place of the earlier one.
        again = [
            care("2016-05", CITY, "floating", n_persons=10, n_covered=5, n_meetings=1)
        ]
        submit(lake, "2016-07-02", registry=registry, care=again)
        build(lake.root, registry)
    return open_marts(lake.root, registry)


def test_rows_of_one_table_meet_row_by_row(marts):
    """A row without one of the two is in neither sum; one of a mode is no row of it."""
    assert rates(marts, "covered", "2016-05") == [[10, 15, 1]]
    assert rates(marts, "covered", "2016-05", "unit") == [
        ["350102", 5, 10, 1],
        ["350181", 5, 5, 0],
    ]
    assert rates(marts, "covered", "2016-06") == [[7, 10, 0]]


def test_a_word_column_is_a_dimension(marts):
    assert marts.registry.metrics["covered"].dimensions == (
        *("unit", "sector", "supervision_group", "month", "kind"),
    )
    assert rates(marts, "covered", "2016-05", "kind") == [
        ["floating", 10, 15, 0],
        ["frail", 0, 0, 1],
    ]
    assert rates(marts, "covered", "2016-05", "unit", kind="floating") == [
        ["350102", 5, 10, 0],
        ["350181", 5, 5, 0],
    ]


def test_a_category_that_the_denominator_lacks_splits_the_numerator_alone(marts):
    metric = marts.registry.metrics["covered_so"]
    assert metric.split_by == ("mode",)
    # 350103 has no row that says how many there are: it is in neither sum.
    assert rates(marts, "covered_so", "2016-05") == [[4, 21, 0]]
    assert rates(marts, "covered_so", "2016-05", "mode") == [
        ["home_visit", 1, 21, 0],
        ["online", 3, 21, 0],
    ]
    assert rates(marts, "covered_so", "2016-05", "unit", "mode") == [
        ["350102", "home_visit", 1, 16, 0],
        ["350102", "online", 3, 16, 0],
    ]
    assert rates(marts, "covered_so", "2016-05", "kind", "mode") == [
        ["floating", "home_visit", 1, 15, 0],
        ["floating", "online", 3, 15, 0],
    ]
    assert rates(marts, "covered_so", "2016-05", "unit", mode="online") == [
        ["350102", 3, 16, 0],
        ["350181", 0, 5, 0],
    ]


def test_figures_of_single_months_are_summed_to_date_over_another_table(marts):
    assert rates(marts, "met", "2016-05") == [[1, 2, 3]]
    assert rates(marts, "met", "2016-06") == [[3, 2, 3]]
    assert "township" not in marts.registry.metrics["met"].dimensions


def test_distinct_branches_are_counted_once_and_by_what_the_roll_says(marts):
    assert rates(marts, "visited", "2016-05") == [[1, 3, 0]]
    assert rates(marts, "visited", "2016-06", "branch_type") == [
        ["joint", 1, 1, 0],
        ["ordinary", 2, 2, 0],
    ]
    assert "act" not in marts.registry.metrics["visited"].dimensions


def test_a_count_is_per_place_that_owes_it(marts):
    assert rates(marts, "interviewed", "2016-05", "supervision_group") == [
        ["G1", 3, 1, 0],
        *([group, 0, 1, 0] for group in ("G2", "G3", "G4")),
    ]
    assert rates(marts, "interviewed", "2016-06") == [[4, 4, 0]]
    # No unit owes it: acts that name a branch are counted, over nobody.
    assert rates(marts, "interviewed", "2016-06", "unit") == [
        ["350102", 3, 0, 0],
        ["350181", 1, 0, 0],
    ]


def test_what_is_owed_each_week_is_owed_once_for_each_monday(marts):
    """June 2016 has four Mondays."""
    found = rates(marts, "informed", "2016-06", "supervision_group")
    assert found == [
        ["G1", 1, 4, 0],
        ["G2", 4, 4, 0],
        ["G3", 0, 4, 0],
        ["G4", 0, 4, 0],
    ]
    by_act = rates(marts, "informed", "2016-06", "act", supervision_group="G2")
    assert by_act == [["information", 3, 4, 0], ["interview", 1, 4, 0]]


FAULTS = {
    "a state summed over months": (
        'column = "n_meetings"',
        'column = "n_persons"',
        "measure n_meetings_to_date: n_persons is state at each month's end and cannot "
        "be summed over months",
    ),
    "a word that the column does not have": (
        '"home_visit", "online"]',
        '"home_visits", "online"]',
        "measure n_covered_so, key where, mode: 'home_visits' is not known; did you "
        "mean 'home_visit'?",
    ),
    "a clock that is no month or date": (
        'time = "to_date"\nclock = ["month"]',
        'time = "to_date"\nclock = ["mode"]',
        "measure n_meetings_to_date, key clock: 'mode' is not known; known are month.",
    ),
    "no clock": (
        'time = "to_date"\nclock = ["month"]',
        'time = "to_date"',
        "measure n_meetings_to_date: what is counted to_date needs a clock",
    ),
    "an aggregate that does not exist": (
        'label_en = "Persons"',
        'label_en = "Persons"\naggregate = "row"',
        "measure n_persons_whole, key aggregate: 'row' is not known; did you mean "
        "'rows'?",
    ),
    "branches of a table without any": (
        'label_en = "Meetings"\ncolumn = "n_meetings"',
        'label_en = "Meetings"\naggregate = "branches"',
        "measure n_meetings_to_date: the table has no column of branches",
    ),
    "a name that stands twice": (
        'name = "n_covered_so"',
        'name = "n_covered_whole"',
        "tables/care.toml: measure 'n_covered_whole' is there twice.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_measure_that_cannot_be_is_refused_with_its_place(fault, tmp_path):
    before, after, sentence = FAULTS[fault]
    copied = copy_registry(tmp_path)
    assert before in CARE
    text = CARE.replace(before, after, 1)
    (copied / "tables" / "care.toml").write_text(text, "utf-8")
    with pytest.raises(RegistryError) as refusal:
        load_registry(copied)
    assert sentence in refusal.value.faults[0]


METRIC_FAULTS = {
    "a numerator that nothing gives": (
        'numerator = "n_covered_whole"',
        'numerator = "n_cover_whole"',
        "metric covered, key numerator: 'n_cover_whole' is not known; did you mean "
        "'n_covered_whole'?",
    ),
    "a denominator beside who owes": (
        'owed_by = { place = "supervision_group" }',
        'owed_by = { place = "supervision_group" }\ndenominator = "n_persons_whole"',
        "metric interviewed: it has a denominator or is owed by places, not both.",
    ),
    "a place that owes nothing": (
        'owed_by = { place = "supervision_group" }',
        'owed_by = { place = "township" }',
        "metric interviewed, owed_by, key place: 'township' is not known",
    ),
    "a category that the table lacks": (
        'denominator = "n_persons_whole"\n',
        'denominator = "n_persons_whole"\ndimensions = ["unit", "kinds"]\n',
        "metric covered, key dimensions: 'kinds' is not known; did you mean 'kind'?",
    ),
    "measures that meet in no row": (
        'pairs = "places"',
        'pairs = "row"',
        "metric covered_so, key pairs: 'row' is not known; did you mean 'rows'?",
    ),
}


@pytest.mark.parametrize("fault", METRIC_FAULTS)
def test_a_metric_that_no_measure_can_give_is_refused(fault, tmp_path):
    before, after, sentence = METRIC_FAULTS[fault]
    copied = copy_registry(tmp_path)
    assert before in METRICS
    (copied / "tables" / "care.toml").write_text(CARE, "utf-8")
    (copied / "tables" / "visit.toml").write_text(VISIT, "utf-8")
    metrics = METRICS.replace(before, after, 1)
    (copied / "metrics" / "care.toml").write_text(metrics, "utf-8")
    with pytest.raises(RegistryError) as refusal:
        load_registry(copied)
    assert sentence in refusal.value.faults[0]

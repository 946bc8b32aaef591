"""How a study goes down: which level held it first, counted by hand."""

import pytest

from data_pipeline.rates import open_marts, read_several
from reports.standard_page import cascade as steps
from reports.standard_page.figures import cascade_curves
from tests.office_city import build_office_city
from tests.reports.samples import DEMO, REGISTRY, rates

(PAGE,) = (page for page in REGISTRY.pages if page.cascade)
CASCADE = PAGE.cascade
TOPIC = CASCADE.topics[0]
MONTHS = ("2016-04", "2016-05", "2016-06")
# By unit and month: meetings of central groups, branches that held it of all branches.
# 市直机关 leads in April and is silent in June; 鼓楼 leads in May; 福清 has none.
HELD = {
    "ZSJG": [(2, 1, 10), (2, 6, 10), (0, 0, 0)],
    "350102": [(0, 0, 4), (1, 1, 4), (1, 4, 4)],
    "350181": [(0, 0, 6), (0, 0, 6), (0, 2, 6)],
}


def frames(held=HELD):
    rows = {TOPIC.led_by: [], TOPIC.followed_by: []}
    for unit, counts in held.items():
        for month, (led, done, of) in zip(MONTHS, counts, strict=True):
            rows[TOPIC.led_by].append((month, unit, led, of, 0, 0))
            rows[TOPIC.followed_by].append((month, unit, done, of, 0, 0))
    return {name: rates(("month", "unit"), found) for name, found in rows.items()}


def levels(held=HELD):
    return steps.level_rows(frames(held), CASCADE, [TOPIC], REGISTRY)


def test_each_level_is_counted_over_those_that_owe_and_takes_nothing_back():
    found = {
        level: list(zip(rows["numerator"], rows["denominator"], strict=True))
        for level, rows in levels().groupby(steps.LEVEL)
    }
    assert found == {
        "0": [(1, 1), (1, 1), (1, 1)],
        "1": [(0, 2), (1, 2), (1, 2)],
        "branches": [(1, 20), (7, 20), (6, 10)],
    }


def test_a_unit_says_when_its_central_groups_began_and_its_branches_followed():
    rows = steps.unit_rows(frames(), [TOPIC], REGISTRY).set_index("unit")
    stations = ["led_month", "first_month", "half_month", "done_month"]
    assert rows[stations].agg(list, axis=1).to_dict() == {
        "350102": ["2016-05", "2016-05", "2016-06", "2016-06"],
        "350181": ["", "2016-06", "", ""],
        "ZSJG": ["2016-04", "2016-04", "2016-05", ""],
    }
    assert rows["lag_months"].fillna(-1).tolist() == [1, -1, 1]
    assert [steps.cell_text(row) for row in rows.to_dict("records")] == [
        "5月 → 6月，晚 1 个月",
        "中心组未报 → 未过半（33.3 %）",
        "4月 → 5月，晚 1 个月",
    ]


@pytest.mark.parametrize(
    ("june", "sentence"),
    [
        (
            (1, 4, 4),
            "第一专题：县级中心组5月过半，支部全体党员6月过半，晚 1 个月",
        ),
        (
            (1, 1, 4),
            "第一专题：县级中心组5月过半，支部全体党员目前 30.0 %，尚未过半",
        ),
    ],
)
def test_the_picture_is_called_by_what_it_finds(june, sentence):
    held = HELD | {"350102": [*HELD["350102"][:2], june]}
    picture = cascade_curves(levels(held), CASCADE, REGISTRY, snapshot=DEMO)
    assert picture.title == sentence
    lines = [trace["y"] for trace in picture.traces]
    assert lines[0] == [1, 1, 1]
    assert lines[-1][1] == pytest.approx(7 / 20)


def test_branches_that_were_first_are_said_to_be_first():
    held = {"ZSJG": [(0, 6, 10), (0, 8, 10), (1, 9, 10)]}
    sentence = steps.describe(levels(held), CASCADE, REGISTRY)
    assert sentence == "第一专题：支部全体党员4月过半，比市级中心组早 2 个月"
    none = {"ZSJG": [(0, 6, 10), (0, 8, 10), (0, 9, 10)]}
    sentence = steps.describe(levels(none), CASCADE, REGISTRY)
    assert sentence == "第一专题：报过学习的中心组尚未过半；支部全体党员目前 90.0 %"


def test_a_topic_is_shown_from_the_month_in_which_it_opens():
    opened = {
        month: [t.topic for t in steps.opened_topics(CASCADE, REGISTRY, month)]
        for month in ("2016-06", "2016-07", "2016-10")
    }
    assert opened == {
        "2016-06": ["topic_1"],
        "2016-07": ["topic_1", "topic_2"],
        "2016-10": ["topic_1", "topic_2", "topic_3"],
    }
    second = steps.level_rows(
        {name: frames()[TOPIC.led_by] for name in steps.metrics_of(CASCADE)},
        CASCADE,
        [CASCADE.topics[1]],
        REGISTRY,
    )
    assert second.empty  # of a topic of July the months until June say nothing


def test_where_nothing_was_filed_one_line_says_so():
    nothing = {"350102": [(0, 0, 4)] * 3}
    picture = cascade_curves(levels(nothing), CASCADE, REGISTRY, snapshot=DEMO)
    assert picture.nothing


def test_the_marts_of_a_lake_give_what_was_filed(shared_lakes):
    marts = open_marts(shared_lakes.of(build_office_city))
    read = read_several(
        marts,
        steps.metrics_of(CASCADE),
        by=("month", "unit"),
        months=("2016-05", "2016-06"),
    )
    rows = steps.unit_rows(read, [TOPIC], marts.registry).set_index("unit")
    # 福清's central group met in May, its branches never; 鼓楼 had none.
    assert rows["led_month"].to_dict() == {"350102": "", "350181": "2016-05"}
    assert rows["half_month"].to_dict() == {"350102": "2016-05", "350181": ""}
    assert rows["done_month"].to_dict() == {"350102": "2016-06", "350181": ""}

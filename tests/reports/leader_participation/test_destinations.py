"""Who went where to lecture: times, own unit and below, branches reached."""

from datetime import date

import pandas as pd
import pytest

from reports.leader_participation.destination_figures import lecture_destinations
from reports.leader_participation.destinations import (
    describe,
    destination_rows,
    held_by,
    phone_table,
)
from tests.reports.samples import DEMO, REGISTRY

FIELDS = "date unit sector speaker branch target_sector is_own_unit n_times".split()
ROLL = {"A1": "organ", "A2": "organ", "B1": "rural"}
FILED = pd.DataFrame(
    [
        ("2016-05-02", "350102", "organ", "senior_leader", "B1", "rural", "no", None),
        ("2016-05-09", "350102", "organ", "senior_leader", "B1", None, "no", 2),
        ("2016-05-10", "350102", "organ", "senior_leader", "A1", "organ", "no", 1),
        ("2016-05-11", "350102", "organ", "senior_leader", None, None, "yes", 4),
        # Nobody says whether at home, or who heard it.
        ("2016-05-12", "350102", "organ", "senior_leader", None, "rural", None, 1),
        ("2016-05-13", "350102", "organ", "senior_leader", None, None, "no", 1),
        # A branch that the roll does not know is none that was reached.
        ("2016-05-14", "350181", "rural", "leader", "Z9", "soe", "no", 1),
        ("2016-06-01", "350181", "rural", "leader", "A2", "organ", "no", 1),
    ],
    columns=FIELDS,
).assign(date=lambda rows: [date.fromisoformat(day) for day in rows["date"]])


def rows(month="2016-05", **where):
    held = held_by(FILED, ROLL, REGISTRY, month, where)
    found = destination_rows(held, REGISTRY)
    return {
        (row.speaker, row.destination): (row.n_times, row.n_branches_reached)
        for row in found.itertuples()
        if row.n_times
    }


def test_times_and_branches_of_each_rank_by_where_they_went():
    assert rows() == {
        ("senior_leader", "own_unit"): (4, 0),
        ("senior_leader", "organ"): (1, 1),
        ("senior_leader", "rural"): (3, 1),
        ("senior_leader", "unsaid"): (2, 0),
        ("senior_leader", "below"): (5, 2),
        ("leader", "soe"): (1, 0),
        ("leader", "below"): (1, 0),
    }


@pytest.mark.parametrize(
    ("month", "where", "reached"),
    [
        ("2016-06", {"unit": ("350181",)}, (2, 1)),
        ("2016-05", {"supervision_group": ("G2",)}, (1, 0)),
        ("2016-06", {"sector": ("rural",)}, (2, 1)),
    ],
)
def test_the_place_is_the_speakers_and_the_month_ends_it(month, where, reached):
    found = rows(month, **where)
    assert {speaker for speaker, _ in found} == {"leader"}
    assert found["leader", "below"] == reached


def drawn(month="2016-05", **where):
    held = held_by(FILED, ROLL, REGISTRY, month, where)
    return destination_rows(held, REGISTRY)


def test_the_picture_says_of_the_highest_rank_what_it_finds():
    picture = lecture_destinations(drawn(), REGISTRY, snapshot=DEMO)
    assert picture.title == (
        "处级以上领导讲党课 10 场（1 场未注明去向，不计入比例）："
        "4 场（44.4 %）在本单位，下基层 5 场，覆盖支部 2 个"
    )
    (trace,) = picture.traces
    assert trace["customdata"][0] == ["senior_leader", "own_unit"]
    written = {note["text"] for note in picture.arrangement["annotations"]}
    assert {"<b>2 / 5</b>", "<b>0 / 1</b>"} <= written


def test_a_phone_has_a_row_a_kind_of_speaker_that_says_what_the_picture_says():
    table = phone_table(drawn(), REGISTRY)
    assert list(table.frame)[:2] == ["讲课人类别", "本单位"]
    leader = table.frame.iloc[0]
    assert leader.iloc[0] == "处级以上领导"
    assert leader["本单位"] == 4
    assert leader["覆盖支部 / 至多"] == "2 / 5"
    assert table.frame.iloc[:, 1:-1].gt(0).any().any()
    assert not table.frame.eq(0).any().any(), "where nobody went nothing is said"


def test_who_never_went_down_is_said_to_have_not():
    at_home = FILED[FILED["is_own_unit"] == "yes"]
    found = destination_rows(held_by(at_home, ROLL, REGISTRY, "2016-05", {}), REGISTRY)
    sentence = describe(found, REGISTRY, "en")
    assert sentence == (
        "4 lectures by “leader at county level or above”, "
        "none filed as given at the grass roots"
    )
    assert lecture_destinations(found[:0], REGISTRY, snapshot=DEMO).nothing

"""What a figure can be believed for: flags on it, what checks support of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reports import belief
from reports.belief import Belief, believe
from tests.reports.samples import REGISTRY

TOPIC, HEADS = (
    REGISTRY.metrics[name] for name in ("topic_1_coverage", "leader_attendance")
)
LECTURES = REGISTRY.metrics["lectures_per_leader"]
CELL = ("unit", "sector")
NO_FLAGS = pd.DataFrame(columns=["unit", "sector", "fields"])


def flags(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["unit", "sector", "fields"])


def checked(by: tuple[str, ...], *rows: tuple) -> dict[tuple, pd.DataFrame]:
    """`read_rates` on checks; rows are (*codes, confirmed, checked, limits, claimed).

    limits is (rate, lower, upper), None without a rate.
    """
    columns = [*by, "numerator", "denominator", "rate", "lower", "upper"]
    limits = [
        (*row[:-2], *(row[-2] or (np.nan,) * 3), np.nan if row[-1] is None else row[-1])
        for row in rows
    ]
    return {by: pd.DataFrame(limits, columns=[*columns, "reported_before"])}


def one(confirmed, n, limits, claimed, metric=TOPIC, modelled=None, found=NO_FLAGS):
    rows = checked(CELL, ("350104", "rural", confirmed, n, limits, claimed))
    leaned = modelled and checked(CELL, ("350104", "rural", *modelled))[CELL]
    return believe(found, rows, leaned, metric, REGISTRY)["350104", "rural"]


def test_checks_find_less_where_their_interval_lies_below_what_was_claimed():
    assert one(15, 20, (0.75, 0.5, 0.9), 1.0).finds_less
    assert not one(15, 20, (0.75, 0.5, 0.9), 0.85).finds_less
    # Without a ledger before the checks there is nothing to be less than.
    assert not one(15, 20, (0.75, 0.5, 0.9), None).finds_less


def test_of_under_ten_checks_one_that_fails_refutes_that_all_had_done_it():
    assert one(7, 8, None, 1.0).finds_less
    assert not one(8, 8, None, 1.0).finds_less
    # One of four is as likely as not where nine of ten claimed it.
    assert not one(3, 4, None, 0.9).finds_less


def test_a_few_heads_prove_nothing_since_they_may_be_of_one_branch():
    believed = one(0, 1, (0.0, 0.0, 0.0), 0.5, metric=HEADS)
    assert (believed.support, believed.finds_less) == ("few", False)
    assert one(20, 60, (0.33, 0.2, 0.45), 0.5, metric=HEADS).finds_less


def test_support_is_its_own_checks_else_a_model_else_too_few_or_none():
    modelled = (8, 8, (0.95, 0.8, 1.0), 1.0)
    assert one(15, 20, (0.75, 0.5, 0.9), 1.0, modelled=modelled).support == "direct"
    leaned = one(8, 8, None, 1.0, modelled=modelled)
    assert (leaned.support, leaned.supported) == ("modelled", 0.95)
    # The model's own interval is not what refutes a place.
    assert not leaned.finds_less
    assert one(8, 8, None, 1.0).support == "few"
    assert one(0, 0, None, None, modelled=modelled).support == "none"


def test_a_flag_counts_for_its_cell_its_unit_its_sector_and_the_city():
    found = flags(
        ("350104", "rural", ("n_branches_topic_1",)),
        ("350104", "", ("n_lectures", "n_branches_topic_1")),
        ("350181", "rural", ("n_branches_topic_2",)),
    )
    levels = {by: checked(by)[by] for by in ((), ("unit",), ("sector",), CELL)}
    beliefs = believe(found, levels, None, TOPIC, REGISTRY)
    counts = {
        place: beliefs[place].n_flags
        for place in (
            (None, None),
            ("350104", None),
            (None, "rural"),
            ("350104", "rural"),
            # A flag of the whole unit is one of each of its sectors.
            ("350104", "community"),
            ("350181", "rural"),
        )
    }
    assert list(counts.values()) == [2, 2, 2, 2, 1, 0]


def test_a_metric_that_checks_do_not_look_at_has_flags_alone():
    empty = {CELL: pd.DataFrame(columns=list(CELL))}
    found = flags(("350104", "rural", ("n_lectures",)))
    beliefs = believe(found, empty, None, LECTURES, REGISTRY)
    assert beliefs["350104", "rural"] == Belief(1)
    assert beliefs["350181", "rural"] == Belief()
    frame = pd.DataFrame({"unit": ["350104"], "sector": ["rural"]})
    assert list(belief.add_columns(frame, beliefs)) == [*CELL, "n_flags"]


def test_a_count_that_is_a_difference_is_flagged_by_either_side():
    speaking = REGISTRY.metrics["member_speaking"]
    found = flags(("350104", "rural", ("n_members",)))
    empty = {CELL: checked(CELL)[CELL]}
    assert believe(found, empty, None, speaking, REGISTRY)["350104", "rural"].n_flags


def test_what_stands_beside_a_row_is_read_back_from_it():
    rows = checked(("sector",), ("rural", 15, 20, (0.75, 0.5, 0.9), 1.0))
    where = {"unit": ("350104",)}
    beliefs = believe(NO_FLAGS, rows, None, TOPIC, REGISTRY, where)
    frame = pd.DataFrame({"sector": ["rural", "community"], "rate": [1.0, 1.0]})
    beside = belief.add_columns(frame, beliefs, unit="350104")
    first, second = map(belief.of_row, beside.to_dict("records"))
    assert first == beliefs["350104", "rural"]
    assert second == Belief(support="none")
    assert belief.of_row({"rate": 1.0}) is None


@pytest.mark.parametrize(
    ("believed", "zh", "en"),
    [
        (Belief(), "", ""),
        (Belief(1), "（1 条线索）", " (1 flag)"),
        (
            Belief(2, "direct", 15, 20, 0.75, 0.5, 0.9, 1.0, True),
            "（抽查支持 75.0 %，抽查前上报 100 %，2 条线索）",
            " (checks support 75.0 %, against 100 % reported before them; 2 flags)",
        ),
        (
            Belief(0, "modelled", 7, 8, 0.9, 0.7, 0.98, 1.0, True),
            "（抽查 7 / 8 核实，抽查前上报 100 %）",
            " (checks confirm 7 of 8, against 100 % reported before them)",
        ),
        # Checks that bear out what was claimed are no reservation.
        (Belief(0, "direct", 20, 20, 1.0, 0.9, 1.0, 1.0, False), "", ""),
    ],
)
def test_praise_carries_what_stands_against_it(believed, zh, en):
    assert belief.caveat(believed) == zh
    assert belief.caveat(believed, "en") == en


@pytest.mark.parametrize(
    ("believed", "zh", "en"),
    [
        (
            Belief(support="direct", n_checked=60),
            "上报未被否定（抽查 60 / 686）",
            "not refuted by checks (checked 60 of 686)",
        ),
        (
            Belief(2, "direct", n_checked=60),
            "上报未被否定，但有线索（抽查 60 / 686）",
            "not refuted by checks, but there are flags (checked 60 of 686)",
        ),
        (
            Belief(support="direct", n_checked=60, finds_less=True),
            "上报偏高（抽查 60 / 686）",
            "inflated: checks find less (checked 60 of 686)",
        ),
        (
            Belief(support="modelled", n_checked=6, supported=0.9),
            "核实不足以判断（抽查 6 / 686）",
            "too few checks to tell (checked 6 of 686)",
        ),
        (Belief(support="none"), "未抽查，无法判断", "not checked, so no verdict"),
        (Belief(3), "", ""),
    ],
)
def test_whether_to_believe_it_is_said_in_plain_words(believed, zh, en):
    assert belief.say_verdict(believed, n=686) == zh
    assert belief.say_verdict(believed, "en", n=686) == en


def test_parts_that_lean_on_the_city_do_not_make_up_a_whole_of_its_own_checks():
    whole = Belief(support="direct", supported=0.62)
    low, high = (Belief(support="modelled", supported=p) for p in (0.55, 0.89))
    assert belief.apart_from_parts(whole, [high])
    assert not belief.apart_from_parts(whole, [low, high])
    # Checked well enough, a part is a figure of its own, and is weighed with the rest.
    assert not belief.apart_from_parts(whole, [high._replace(support="direct")])
    assert not belief.apart_from_parts(Belief(support="few"), [high])


def test_a_figure_above_all_that_checks_support_is_not_called_believable():
    """马尾区: 95.6 % stood beside 76.5 % (56.9 to 90.3) as plausible."""
    about = {"support": "direct", "n_checked": 20, "supported": 0.765}
    about["supported_lower"] = 0.569
    held = Belief(**about, supported_upper=0.903, claimed_before=0.8)
    assert belief.verdict(held, 0.956) == "risen"
    assert belief.verdict(held._replace(n_flags=2), 0.956) == "risen"
    assert belief.verdict(held, 0.9) == "few"  # nor is one within them
    assert belief.verdict(held._replace(finds_less=True), 0.956) == "inflated"
    said = "抽查前上报未被否定，此后的上升未经抽查（抽查 20 / 134）"
    assert belief.say_verdict(held, n=134, rate=0.956) == said
    assert belief.verdict_note(held, "en", n=134, rate=0.956) == (
        " (20 of 134 checked: rise since unchecked)"
    )


@pytest.mark.parametrize(
    ("lower", "claimed", "rate", "code"),
    [
        (0.844, 0.8, 0.867, "unrefuted"),
        # 马尾区: 31 checks leave 42.3 to 98.9 %, which says nothing of 89.0 %.
        (0.423, 0.348, 0.89, "few"),
        (0.423, 0.348, None, "unrefuted"),  # of what was claimed then it does
        (0.75, 1.0, 1.0, "few"),
    ],
)
def test_an_interval_too_wide_to_tell_supports_no_figure(lower, claimed, rate, code):
    believed = Belief(
        support="direct",
        n_checked=31,
        supported=0.852,
        supported_lower=lower,
        supported_upper=1.0,
        claimed_before=claimed,
    )
    assert belief.verdict(believed, rate) == code
    flagged = {"unrefuted": "flagged"}.get(code, code)
    assert belief.verdict(believed._replace(n_flags=1), rate) == flagged
    words = {"unrefuted": "未被否定", "few": "不足以判断"}[code]
    assert words in belief.verdict_note(believed, rate=rate)
    assert words in belief.say_verdict(believed, rate=rate)

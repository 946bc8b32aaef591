"""A check speaks of its day: compared with a later ledger it accused honest cities."""

from __future__ import annotations

import random
from datetime import date, datetime
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from data_pipeline.rates import (
    open_marts,
    read_checks,
    read_ledger,
    read_rates,
    read_roll,
)
from data_pipeline.registry import load_registry
from data_pipeline.statistics.sampling import (
    RandomTally,
    estimate_share,
    prove_by_all_pass,
)
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from reports.reported_vs_verified import rows as verification
from tests.checked_city import CHECK_HEADINGS, G1, write_workbook
from tests.submitted_rows import ledger_row, roll_row, submit
from tests.tiny_city import LEDGER_HEADINGS, ROLL_HEADINGS

REGISTRY = load_registry()
TOPIC_1 = REGISTRY.metrics["topic_1_coverage"]
MONTH, N_BRANCHES, N_CHECKS, PLANTED = "2016-07", 300, 120, 0.3
LAST_DAYS = {"2016-05": 31, "2016-06": 30, "2016-07": 31}
BRANCHES = [f"350104-R{number:04d}" for number in range(1, N_BRANCHES + 1)]
CHECK_DAY = date(2016, 7, 15)


def build_dated_city(root, inflated: float, is_by_branch: bool = True) -> Path:
    """Topic 1 is held branch by branch from May to July; ledgers follow each month.

    `inflated` of the branches that have not held it claim it all the same from May on.
    Without `is_by_branch` the unit files one row that speaks for all.
    """
    chance = random.Random(7)
    span = (date(2016, 7, 31) - date(2016, 5, 1)).days
    held_on = {
        branch: date.fromordinal(date(2016, 5, 1).toordinal() + chance.randint(0, span))
        for branch in BRANCHES
    }
    liars = set(chance.sample(BRANCHES, round(inflated * N_BRANCHES)))
    held_on |= dict.fromkeys(liars, date(2017, 1, 1))

    def ledger(month: str):
        end = date.fromisoformat(f"{month}-{LAST_DAYS[month]}")
        if not is_by_branch:
            held = sum(b in liars or held_on[b] <= end for b in BRANCHES)
            n, figures = N_BRANCHES, (N_BRANCHES, N_BRANCHES, held, 0, held, held)
            sizes = (n, n, 20 * n, n)
            yield (month, G1, "仓山区", None, "农村", *sizes, *figures, 5 * held)
            return
        for branch in BRANCHES:
            claims = int(branch in liars or held_on[branch] <= end)
            figures = (1, 1, claims, 0, claims, claims, 5 * claims)
            yield (month, G1, "仓山区", branch, "农村", 1, 1, 20, 1, *figures)

    def check(branch: str):
        held = held_on[branch] <= CHECK_DAY
        looks = ["是" if held else "否"] * 4
        found = ("是" if held else "无据", int(held), 5 * int(held), 1)
        return (CHECK_DAY, G1, branch, "随机", "暗访", *found, *looks, "良")

    roll = [
        (
            branch,
            f"第{branch[-4:]}支部",
            "仓山区",
            "城门镇",
            "农村",
            "普通",
            20,
            1,
            "否",
        )
        for branch in BRANCHES
    ]
    drawn = chance.sample(BRANCHES, N_CHECKS)
    deliveries = [("名册", "2016-04-20", ROLL_HEADINGS, roll)]
    deliveries += [
        ("台账", f"{month[:5]}{int(month[5:]) + 1:02d}-03", LEDGER_HEADINGS, rows)
        for month in LAST_DAYS
        for rows in [list(ledger(month))]
    ]
    checks = [check(branch) for branch in drawn]
    deliveries.append(("抽查", "2016-08-11", CHECK_HEADINGS, checks))
    lake = Lake(root / "lake_root")
    with lake.writing():
        for number, (sheet, received, headings, rows) in enumerate(deliveries):
            path = root / f"{number}.xlsx"
            write_workbook(path, {sheet: (headings, rows)})
            moment = datetime.fromisoformat(f"{received}T09:00:00+08:00")
            report = ingest_files([path], lake, REGISTRY, received=moment)
            assert not report.findings, [f.sentence() for f in report.findings]
        build(lake.root, REGISTRY)
    return lake.root


@pytest.fixture(scope="module")
def honest(shared_lakes):
    return open_marts(shared_lakes.of(build_dated_city, 0.0, True))


@pytest.fixture(scope="module")
def dishonest(shared_lakes):
    return open_marts(shared_lakes.of(build_dated_city, PLANTED, True))


@pytest.fixture(scope="module", params=[True, False], ids=["by branch", "by cell"])
def both_cities(request, shared_lakes):
    """Honest and dishonest, where branches file their own rows and where units do."""
    made = []
    for inflated in (0.0, PLANTED):
        root = shared_lakes.of(build_dated_city, inflated, request.param)
        marts = open_marts(root)
        made.append(verification.part(read_checks(marts, MONTH), read_roll(marts)))
    return made, request.param


def rates(marts, basis: str, **choice) -> pd.DataFrame:
    return read_rates(marts, TOPIC_1.id, months=[MONTH], basis=basis, **choice)


def test_branches_of_an_honest_city_are_not_called_unverified(honest):
    reported, verified = rates(honest, "reported"), rates(honest, "verified")
    row = verified.iloc[0]
    assert reported["rate"].iloc[0] > row["upper"]  # what the old sentence stood on
    june = read_rates(honest, TOPIC_1.id, months=["2016-06"])["rate"].iloc[0]
    assert row["reported_before"] == pytest.approx(june, abs=0.07)
    # Of the very branches that were checked, not of the average one.
    checks = read_checks(honest, MONTH)["branch"].unique()
    own = read_ledger(honest, months=["2016-06"], branches=list(checks))
    assert row["reported_before"] == pytest.approx(own["n_branches_topic_1"].mean())
    assert row["upper"] >= row["reported_before"]
    sentence = verification.headline(reported, verified, TOPIC_1)
    assert sentence.startswith("抽查前上报") and "未得到核实" not in sentence


def test_what_was_claimed_of_a_branch_is_its_own_row_where_it_has_one(tmp_path):
    """Its unit's totals speak for it only before, or after, it filed for itself."""
    unit, sector = "350104", "rural"
    lake = Lake(tmp_path)
    branches = [f"{unit}-R{number:04d}" for number in range(4)]
    held = {"n_branches": 1, "n_branches_topic_1": 1}
    ledgers = {
        "2016-05": [ledger_row("2016-05", unit, sector, branches[0], **held)],
        # The totals of June claim three of four, of the last branch too.
        "2016-06": [
            ledger_row("2016-06", unit, sector, n_branches=4, n_branches_topic_1=3),
            ledger_row("2016-06", unit, sector, branches[1], **held),
            ledger_row(
                "2016-06", unit, sector, branches[2], n_branches=1, n_branches_topic_1=0
            ),
        ],
        # July's ledger came after the checks and claims nothing of their day.
        "2016-07": [ledger_row("2016-07", unit, sector, b, **held) for b in branches],
    }
    group = REGISTRY.units[unit].group
    checks = [
        {
            "check_date": date(2016, 7, 20),
            "branch": branch,
            "supervision_group": group,
            "selection": "random",
            "found_topic_1": "yes",
        }
        for branch in branches
    ]
    with lake.writing():
        submit(lake, "2016-04-20", roll=[roll_row(b, unit, sector) for b in branches])
        for month, rows in ledgers.items():
            submit(lake, f"{month[:5]}{int(month[5:]) + 1:02d}-10", rows)
        submit(lake, "2016-08-11", spot_check=checks)
        build(lake.root, REGISTRY)
    marts = open_marts(lake.root)
    query = {"metric": TOPIC_1.id, "column_name": "found_topic_1", "months": [MONTH]}
    rows = marts.query("verified_rows", query)
    claimed = rows.set_index("branch")["claimed"].to_dict()
    assert claimed == dict(zip(branches, (0.75, 1.0, 0.0, 0.75), strict=True))


def test_a_dishonest_city_is_found_out_at_the_size_that_was_planted(dishonest):
    reported, verified = rates(dishonest, "reported"), rates(dishonest, "verified")
    row = verified.iloc[0]
    assert row["upper"] < row["reported_before"]
    # Between the June ledger and the visit honest branches went on holding meetings.
    truly_since = 0.7 * 15 / 92
    gap = row["reported_before"] - row["rate"] + truly_since
    assert gap == pytest.approx(PLANTED, abs=0.09)
    assert "未得到核实" in verification.headline(reported, verified, TOPIC_1)


@pytest.mark.parametrize("city", ["honest", "dishonest"])
def test_page_and_export_give_one_figure(city, request):
    marts = request.getfixturevalue(city)
    checked = verification.part(read_checks(marts, MONTH), read_roll(marts))
    of_page = verification.estimate(checked, "found_topic_1")
    row = rates(marts, "verified").iloc[0]
    assert (row["rate"], row["lower"], row["upper"]) == pytest.approx(
        (of_page.estimate, of_page.lower, of_page.upper)
    )
    by_unit = rates(marts, "verified", by=["unit"]).iloc[0]
    assert by_unit["reported_before"] == pytest.approx(row["reported_before"])


def test_a_failure_never_raises_the_lower_limit():
    for n_frame, n_checked in product((40, 200), (12, 30)):
        strata = pd.DataFrame(
            {"unit": list("AB"), "n_frame": [n_frame, 10], "n_checked": [n_checked, 5]}
        )
        all_pass = prove_by_all_pass(strata["n_frame"], strata["n_checked"], 0.975)
        for failures in ((1, 0), (0, 1), (1, 1), (3, 0)):
            confirmed = strata["n_checked"] - list(failures)
            tally = RandomTally(strata.assign(n_confirmed=confirmed))
            assert estimate_share(tally).lower <= all_pass


def test_the_limits_of_heads_are_shares(honest, dishonest):
    for marts in (honest, dishonest):
        row = read_rates(
            marts, "leader_attendance", months=[MONTH], basis="verified"
        ).iloc[0]
        assert 0 <= row["lower"] <= row["rate"] <= row["upper"] <= 1


def test_recounts_between_two_ledgers_accuse_nobody(both_cities):
    (honest, _), is_by_branch = both_cities
    for item in verification.RECOUNTED:
        whole = verification.measure_factors(honest, item, REGISTRY, "unit").iloc[0]
        assert whole["n_usable"] == N_CHECKS
        assert whole["n_average"] == (0 if is_by_branch else N_CHECKS)
        assert whole["band"] in ("agrees", "consistent")
        if pd.notna(whole["factor_upper"]):
            assert whole["after_lower"] <= 1 <= whole["factor_upper"]
    leaders = verification.measure_factors(honest, "found_leaders_attended", REGISTRY)
    # Compared with July's ledger alone, the same honest recounts fall short of it.
    assert leaders["after_upper"].iloc[0] < 1 < leaders["factor"].iloc[0]


def test_what_was_claimed_and_not_there_is_found_at_its_size(both_cities):
    (_, dishonest), _ = both_cities
    claimed_in_june = PLANTED + (1 - PLANTED) * 61 / 92
    truth = (1 - PLANTED) * 76 / 92 / claimed_in_june
    for item in ("found_leaders_attended", "found_members_spoke"):
        whole = verification.measure_factors(dishonest, item, REGISTRY).iloc[0]
        assert whole["band"] == "over_reported"
        assert whole["factor_lower"] < truth < whole["factor_upper"] < 1

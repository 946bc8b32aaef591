"""The ten tables of records of the made-up city: their truth, and what becomes of it.

Every figure that the product makes of them is made once more here, by pandas, from the
truth that the generator left behind.
"""

import numpy as np
import pandas as pd
import pytest

from data_pipeline.demo_city.reporting import habits_of
from data_pipeline.finding_words import finding_id
from data_pipeline.flags import read_flags
from data_pipeline.rates import read_filing, read_rates, read_staged
from reports.findings import list_courses, sum_by_group
from reports.ledger_quality.rows import flag_id
from tests.demo_city import REGISTRY, City

MONTHS = REGISTRY.calendar.months
REGULAR = ("branch_assembly", "branch_committee", "group_meeting", "party_lecture")
UNITS = ("unit", "sector")


def filed(city: City, name: str) -> pd.DataFrame:
    """The rows of a table that reached the office, the last of each key."""
    rows = city.records[name]
    if name != "duty":
        missing = {(h.unit, m) for h in habits_of("missing") for m in h.months}
        keys = zip(rows["unit"], rows["filed_in"], strict=True)
        rows = rows[[key not in missing for key in keys]]
    key = [*REGISTRY.tables[name].key]
    return rows.sort_values("filed_in", kind="stable").drop_duplicates(key, keep="last")


def month_of(rows: pd.DataFrame) -> pd.Series:
    return rows["date"].str[:7] if "date" in rows else rows["month"]


def sums(rows: pd.DataFrame, month: str, column: str, by, to_date=False) -> pd.Series:
    """Sum of a column by place, in a month or up to its end."""
    is_in = month_of(rows) <= month if to_date else month_of(rows) == month
    return rows[is_in].groupby([*by])[column].sum().astype(float)


def share(rows: pd.DataFrame, month: str, part: str, whole: str, to_date=False):
    both = rows.dropna(subset=[part, whole])
    return tuple(sums(both, month, c, UNITS, to_date) for c in (part, whole))


def meeting(kinds, part="n_held", whole="n_required", to_date=False):
    def expect(city, month):
        rows = filed(city, "meeting")
        if kinds:
            rows = rows[rows["kind"].isin(kinds)]
        return share(rows, month, part, whole, to_date)

    return expect


def strict(topic):
    def expect(city, month):
        rows = filed(city, "meeting").query("mode == 'whole_branch'")
        held = sums(rows[rows["kind"] == topic], month, "n_held", UNITS, to_date=True)
        whole = city.month(month).groupby([*UNITS])["n_branches"].sum()
        return held.reindex(whole.index).fillna(0), whole

    return expect


def state(table, part, whole, where=""):
    def expect(city, month):
        rows = filed(city, table)
        rows = rows.query(where) if where else rows
        return share(rows, month, part, whole, to_date=table == "contest")

    return expect


def problems(whole, part):
    def expect(city, month):
        last = f"{month}-31"
        rows = filed(city, "problem").assign(sector=lambda p: p["sector"].fillna(""))
        rows = rows[rows["sector"] != ""]
        all_of_them = rows[rows[whole].fillna("9") <= last]
        counts = part(all_of_them)
        number = all_of_them.groupby([*UNITS]).size()
        return all_of_them[counts].groupby([*UNITS]).size().reindex(
            number.index
        ).fillna(0), number

    return expect


def seniors(city, month):
    rows = filed(city, "lecture").query("speaker == 'senior_leader'")
    rows = rows.dropna(subset=["is_own_unit"]).assign(n=rows["n_times"].fillna(1))
    down = rows[~rows["is_own_unit"].astype(bool)]
    whole = sums(rows, month, "n", UNITS, to_date=True)
    return sums(down, month, "n", UNITS, to_date=True).reindex(whole.index).fillna(
        0
    ), whole


def lectured(city, month):
    rows = filed(city, "lecture")
    heard = rows.loc[month_of(rows) <= month, "branch"].dropna()
    roll = city.roll.assign(is_heard=city.roll["branch"].isin(heard))
    places = roll.groupby([*UNITS])["is_heard"]
    return places.sum(), places.size()


SHARES = {
    "regular_meetings": meeting(REGULAR),
    "uploaded_share": meeting((), "n_uploaded", "n_held"),
    "organization_life": meeting(["organization_life"], to_date=True),
    "democratic_life": meeting(["democratic_life"], to_date=True),
    "appraisal": meeting(["appraisal"], to_date=True),
    "topic_1_strict": strict("topic_1"),
    "topic_2_strict": strict("topic_2"),
    "topic_3_strict": strict("topic_3"),
    "special_group_coverage": state(
        "special_group", "n_covered", "n_persons", "mode.isna()"
    ),
    "contest_entered": state("contest", "n_entered", "n_eligible"),
    "contest_sat": state("contest", "n_sat", "n_eligible"),
    "dues_ok": state("dues_election", "n_dues_ok", "n_dues_checked"),
    "election_on_time": state("dues_election", "n_election_on_time", "n_election_due"),
    "backbone_trained": state("dues_election", "n_backbone_trained", "n_backbone"),
    "terminations": state("dues_election", "n_terminated", "n_termination_due"),
    "problems_closed_on_time": problems(
        "due_date",
        lambda rows: (
            (rows["status"] == "closed") & (rows["closed_date"] <= rows["due_date"])
        ),
    ),
    "relapse_share": problems("raised_date", lambda rows: rows["status"] == "relapsed"),
    "not_enough_share": problems(
        "raised_date", lambda rows: rows["status"] == "not_enough"
    ),
    "senior_lectures_down": seniors,
    "branches_lectured": lectured,
}


@pytest.mark.parametrize("metric", SHARES)
def test_each_share_is_what_the_truth_gives_by_unit_and_sector(
    metric, small_city, small_marts
):
    n_cells = 0
    for month in ("2016-06", "2016-08", "2016-11", "2016-12"):
        rates = read_rates(small_marts, metric, by=UNITS, months=[month])
        found = rates.set_index([*UNITS])[["numerator", "denominator"]]
        found = found[found["denominator"] > 0].sort_index()
        part, whole = SHARES[metric](small_city, month)
        wanted = pd.DataFrame({"numerator": part, "denominator": whole})
        wanted = wanted[wanted["denominator"] > 0].astype("int64").sort_index()
        assert wanted.to_dict("index") == found.to_dict("index"), month
        n_cells += len(wanted)
    assert n_cells >= 20


def test_the_demo_city_has_a_figure_for_every_metric_of_its_records(small_marts):
    tables = {"duty", "lecture", "meeting", "special_group", "demo_site", "problem"}
    tables |= {"contest", "dues_election", "activity"}
    metrics = [
        m for m, definition in REGISTRY.metrics.items() if definition.table in tables
    ]
    assert len(metrics) >= 30
    for metric in metrics:
        rates = read_rates(small_marts, metric, months=["2016-12"])
        assert rates["rate"].notna().all() and len(rates) == 1, metric


DUTIES = {
    "interviews": "interview",
    "meetings_attended": "meeting_attended",
    "member_visits": "member_visit",
    "liaison_contacts": "liaison",
    "group_meetings": "group_meeting",
    "round_reports": "round_report",
    "information_items": "information",
    "weekly_reports": "weekly_report",
}


@pytest.mark.parametrize("metric", DUTIES)
def test_each_duty_of_a_group_is_counted_as_it_was_done(
    metric, small_city, small_marts
):
    rows = filed(small_city, "duty").query("act == @DUTIES[@metric]")
    rows = rows.assign(n=rows["quantity"].astype(float).fillna(1))
    in_month = metric in ("information_items", "weekly_reports")
    for month in ("2016-07", "2016-12"):
        rates = read_rates(
            small_marts, metric, by=["supervision_group"], months=[month]
        )
        found = rates.set_index("supervision_group")["numerator"]
        is_in = month_of(rows) == month if in_month else month_of(rows) <= month
        wanted = rows[is_in].groupby("supervision_group")["n"].sum()
        wanted = wanted.reindex([*REGISTRY.groups]).fillna(0)
        assert found.to_dict() == wanted.astype(int).to_dict()


def test_groups_differ_in_their_duties_and_some_do_less_than_they_owe(small_marts):
    def of_groups(metric, month="2016-12"):
        by = ["supervision_group"]
        rates = read_rates(small_marts, metric, by=by, months=[month])
        return rates.set_index("supervision_group")["rate"]

    assert (
        of_groups("interviews")["G3"] < 10 <= of_groups("interviews").drop("G3").min()
    )
    assert of_groups("meetings_attended")["G4"] < 2
    months = [of_groups("information_items", month) for month in MONTHS[4:]]
    a_week = sum(months) / len(months)
    assert a_week["G3"] < 1.5 < a_week["G1"]
    assert of_groups("round_reports").eq(1).tolist() == [True, True, False, False]


def test_listed_sites_of_counties_and_sectors_are_counted_and_some_fall_short(
    small_city, small_marts
):
    listed = filed(small_city, "demo_site").query("status == 'listed'")
    sector_of = small_city.roll.set_index("branch")["sector"]
    listed = listed.assign(sector=listed["branch"].map(sector_of))
    for level, column in (("county", "unit"), ("sector", "sector")):
        metric = f"demo_sites_{level}"
        rates = read_rates(small_marts, metric, by=[column], months=["2016-12"])
        rates = rates[rates["denominator"] > 0].set_index(column)
        sites = listed[listed["level"] == level].groupby(column).size()
        wanted = sites.reindex(rates.index).fillna(0).astype(int)
        assert rates["numerator"].to_dict() == wanted.to_dict()
        assert (rates["rate"] >= 3).mean() > 0.5 > (rates["rate"] < 3).mean() > 0


@pytest.mark.parametrize("metric", ["special_group_modes", "practice_share"])
def test_a_share_by_mode_or_kind_has_its_own_part_over_the_whole_place(
    metric, small_city, small_marts
):
    month = "2016-10"
    if metric == "practice_share":
        by, part = (*UNITS, "kind"), "n_branches_active"
        rows = filed(small_city, "activity")
        whole = small_city.month(month).groupby([*UNITS])["n_branches"].sum()
    else:
        by, part = (*UNITS, "group_kind", "mode"), "n_covered"
        rows = filed(small_city, "special_group")
        totals = rows[rows["mode"].isna() & (rows["month"] == month)]
        whole = totals.set_index([*by[:3]])["n_persons"]
        rows = rows[rows["mode"].notna()]
    parts = sums(rows, month, part, by)
    found = read_rates(small_marts, metric, by=by, months=[month]).set_index([*by])
    found = found[found["numerator"] > 0]
    parts = parts[parts > 0]
    assert found["numerator"].to_dict() == parts.to_dict() and len(parts) > 100
    places = whole.to_dict()
    assert all(
        row["denominator"] == places[key[: len(by) - 1]]
        for key, row in found.iterrows()
    )


def test_lectures_by_speaker_add_up_to_one(small_city, small_marts):
    rates = read_rates(
        small_marts, "lectures_by_speaker", by=["speaker"], months=["2016-12"]
    ).set_index("speaker")
    rows = filed(small_city, "lecture")
    times = rows["n_times"].astype(float).fillna(1).groupby(rows["speaker"]).sum()
    assert rates["numerator"].to_dict() == times.to_dict()
    assert set(rates["denominator"]) == {times.sum()}
    assert rates["rate"].sum() == pytest.approx(1)


# What is known of the truth, in the city of full size.


@pytest.fixture(scope="module")
def records(small_city) -> dict[str, pd.DataFrame]:
    return small_city.records


def test_leaders_lectures_are_those_of_the_ledger_and_most_are_held_at_home(
    small_city, records
):
    rows = records["lecture"]
    rows = rows[rows["speaker"].isin(["senior_leader", "leader"])]
    times = rows["n_times"].astype(float).fillna(1)
    true = small_city.truth[small_city.truth["month"] == "2016-12"]
    wanted = true.groupby("unit")["n_lectures"].sum()
    found = times.groupby(rows["unit"]).sum().reindex(wanted.index).fillna(0)
    assert found.astype(int).to_dict() == wanted.to_dict()
    is_home = rows["is_own_unit"].dropna().astype(bool)
    assert 0.5 < is_home.mean() < 0.8
    assert rows.loc[is_home[is_home].index, "branch"].isna().all()


def test_lost_members_are_those_of_the_speech_and_floating_ones_are_reached_least(
    small_city, records
):
    rows = records["special_group"]
    totals = rows[rows["mode"].isna()]
    lost = totals[totals["group_kind"] == "lost"].groupby("month")["n_persons"].sum()
    # A fiftieth of the 1,036 that the speech names.
    assert lost["2016-07"] == round(1036 * len(small_city.roll) / 16_198)
    assert lost.is_monotonic_increasing
    counted = totals.dropna(subset=["n_covered"]).query("month == '2016-12'")
    by_kind = counted.groupby("group_kind")[["n_covered", "n_persons"]].sum()
    assert (by_kind["n_covered"] / by_kind["n_persons"]).idxmin() == "floating"
    by_mode = rows[rows["mode"].notna()].groupby(["month", *UNITS, "group_kind"])
    by_mode = by_mode["n_covered"].sum()
    whole = totals.set_index(["month", *UNITS, "group_kind"])["n_covered"]
    whole = whole.dropna().loc[lambda n: n.index.isin(by_mode.index)]
    assert (by_mode[whole.index] == whole).all()


def test_cold_sectors_meet_and_upload_less_and_central_groups_are_talked_out_of_it(
    records,
):
    rows = records["meeting"]
    regular = rows[rows["kind"].isin(REGULAR)].groupby("sector")
    held = regular["n_held"].sum() / regular["n_required"].sum()
    assert held["nonpublic"] < held["organ"] - 0.1
    uploads = rows.dropna(subset=["n_uploaded"]).groupby("sector")
    uploaded = uploads["n_uploaded"].sum() / uploads["n_held"].sum()
    assert uploaded["nonpublic"] < uploaded["organ"]
    topics = rows[rows["kind"].str.startswith("topic")]
    held = topics.groupby(["kind", "mode"])["n_held"].sum().unstack()
    central = held["central_group"] / held.sum(axis=1)
    assert central["topic_1"] > central["topic_2"] > central["topic_3"] > 0


def test_topics_in_meetings_were_held_when_the_truth_says(small_city, records):
    rows = records["meeting"]
    for topic in (1, 2, 3):
        held = rows[rows["kind"] == f"topic_{topic}"].groupby("month")["n_held"].sum()
        true = small_city.truth.groupby("month")[f"n_branches_topic_{topic}"].sum()
        assert held.cumsum().astype(int).to_dict() == true[held.index].to_dict()


def test_problems_keep_their_dates_in_order_and_old_campaigns_relapse_more(records):
    rows = records["problem"]
    assert (rows["raised_date"] <= rows["closed_date"].fillna("9")).all()
    assert (rows["closed_date"].fillna("0") <= rows["filed_in"] + "-31").all()
    last = rows[rows["filed_in"] == "2016-12"]
    assert last["problem_code"].is_unique
    steps = rows["level"].map(["group", "office", "team"].index)
    assert (steps.groupby(rows["problem_code"]).diff().dropna() >= 0).all()
    assert (
        not last["source"]
        .str.startswith("lookback")[last["raised_date"] < "2016-07-25"]
        .any()
    )


def test_four_inspections_came_before_the_speech_and_saw_prepared_sites_only(records):
    visits = records["upper_visit"]
    early = visits[visits["date"] < "2016-07-18"]
    assert len(early) == 4 and early["is_prepared"].all()
    assert not visits.loc[visits["date"] > "2016-07-18", "is_prepared"].any()


def test_no_part_is_ever_more_than_its_whole(records):
    n_rules = 0
    for rule in REGISTRY.rules:
        if rule.table in records and rule.kind == "at_most":
            rows = records[rule.table]
            both = rows[[rule.column, rule.other]].dropna().astype(float)
            assert (both[rule.column] <= both[rule.other]).all(), rule.id
            n_rules += len(both) > 0
    assert n_rules >= 8


def test_the_records_are_drawn_apart_from_ledger_and_checks(records):
    assert set(records) == {
        "duty",
        "lecture",
        "meeting",
        "special_group",
        "demo_site",
        "problem",
        "contest",
        "dues_election",
        "activity",
        "upper_visit",
    }
    assert all(
        len(rows) and np.all(rows["filed_in"].isin(MONTHS)) for rows in records.values()
    )


@pytest.fixture(scope="module")
def courses(small_marts):
    return list_courses(read_staged(small_marts, "finding_state"), REGISTRY)


def test_answers_name_findings_that_there_are(small_city, small_marts):
    answered = set(small_city.answers["finding"])
    filing = read_filing(small_marts)
    filing = filing[filing["month"] < MONTHS[-1]]
    is_missing = filing["n_sectors_filed"] < filing["n_sectors_due"]
    is_late = ~is_missing & (filing["complete_received"] > filing["deadline"])
    found = {
        finding_id(f"{rule}_ledger", row.unit, "", row.month)
        for rule, rows in (("missing", filing[is_missing]), ("late", filing[is_late]))
        for row in rows.itertuples()
    }
    assert found == {name for name in answered if "_ledger-" in name}
    flags = {flag_id(flag) for flag in read_flags(small_marts).found.itertuples()}
    planted = {name for name in answered if "_ledger-" not in name}
    # So small a city has too few branches for a duty at 100 % to be judged, and for
    # every cell of the other rules.
    assert {name.split("-")[0] for name in planted & flags} >= {
        *("copied_month", "cumulative_falls", "jump"),
    }
    assert {name.split("-")[0] for name in planted - flags} <= {
        *("all_at_100", "copied_month", "jump"),
    }


def test_each_group_closes_findings_at_the_pace_of_the_truth(small_city, courses):
    answers = small_city.answers
    closing = answers[answers["finding_state"] != "asked"]
    assert not closing["finding"].duplicated().any()
    deadline = closing["month"].map(REGISTRY.calendar.filing_deadline)
    late_from = pd.to_datetime([day.date() for day in deadline])
    days = (pd.to_datetime(closing["date"]) - late_from).dt.days + 1
    wanted = days.groupby(closing["supervision_group"]).median()
    no_others = pd.DataFrame({"supervision_group": [], "finding_state": []})
    found = sum_by_group(courses, no_others, REGISTRY).set_index("supervision_group")
    assert found["median_days"].to_dict() == wanted.to_dict()
    # The first group answers fast, the last slowly: that is planted.
    assert list(wanted.index) == list(wanted.sort_values().index)
    assert found["n_closed"].sum() == len(closing) < answers["finding"].nunique()


def test_answers_are_drawn_apart_and_come_in_files_of_their_own(small_city):
    answers = small_city.answers
    assert (answers["filed_in"] < MONTHS[-1]).all()
    deliveries = [d for d in small_city.deliveries if "线索处理" in d.path.name]
    filed = answers[["filed_in", "supervision_group"]].drop_duplicates()
    assert len(deliveries) == len(filed) >= 15
    last = answers.groupby(["filed_in", "supervision_group"])["date"].max()
    for delivery in deliveries:
        month = delivery.path.name.split("_")[2]
        assert last[month, delivery.group] <= f"{delivery.received:%Y-%m-%d}"

"""What groups owe, how they check and what they carry, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from reports.problems import rows as problems
from reports.supervision_groups import rows as groups

REGISTRY = load_registry()
GROUP = groups.GROUP


def duty(**by_group: tuple[int, int]) -> pd.DataFrame:
    rows = [
        {GROUP: group, "numerator": done, "denominator": owed}
        for group, (done, owed) in by_group.items()
    ]
    return pd.DataFrame(rows)


DUTIES = {
    "interviews": duty(G1=(12, 1), G2=(9, 1), G3=(10, 1), G4=(0, 1)),
    # Five weeks of two each: ten items.
    "information_items": duty(G1=(10, 5), G2=(3, 5), G3=(11, 5), G4=(0, 5)),
    "random_check_rate": duty(G1=(16, 100), G2=(9, 100), G3=(12, 100)),
    "member_visits": duty(G1=(4, 1), G2=(0, 1), G3=(0, 1), G4=(0, 1)),
}


@pytest.fixture(scope="module")
def listed() -> pd.DataFrame:
    return groups.list_duties(DUTIES, REGISTRY, "2016-07").set_index(["metric", GROUP])


def test_a_duty_is_held_against_what_is_demanded(listed):
    assert listed.loc[("interviews", "G2"), "state"] == "short"
    assert listed.loc[("interviews", "G2"), "still_missing"] == 1
    assert listed.loc[("interviews", "G3"), "state"] == "met"
    assert listed.loc[("information_items", "G2"), "still_missing"] == 7
    assert listed.loc[("random_check_rate", "G1"), "state"] == "over"
    assert listed.loc[("random_check_rate", "G2"), "still_missing"] == 1
    assert listed.loc[("random_check_rate", "G4"), "state"] == "not_due"
    assert listed.loc[("member_visits", "G2"), "state"] == "none"


def test_a_cell_says_done_and_demanded_and_a_share_its_counts(listed):
    def text(metric: str, group: str) -> str:
        row = listed.loc[(metric, group)]
        return groups.cell_text(row, REGISTRY.metrics[metric])

    assert text("interviews", "G2") == "9 / 10"
    assert text("information_items", "G1") == "10 / 10"
    assert text("random_check_rate", "G3") == "12.0 % · 12 / 100"
    assert text("random_check_rate", "G4") == "–"
    assert text("member_visits", "G1") == "4"


def test_only_what_has_its_days_is_lit():
    lit = {
        m for m in groups.duties_of(REGISTRY) if groups.is_dated(REGISTRY.metrics[m])
    }
    assert lit == {"on_time", "information_items", "weekly_reports", "round_reports"}


def test_the_headline_names_the_group_that_is_most_behind(listed):
    duties = listed.reset_index()
    said = groups.headline(duties, REGISTRY)
    # As many as are lit; what has no day is counted after them.
    assert said.startswith("有期限的职责还有 2 项次未完成")
    assert "第二督导组最多" in said
    assert "每周报送信息篇数 3 / 10" in said
    assert said.endswith("未定期限的另有 3 项次未完成。")
    met = duties[duties[GROUP] == "G3"]
    said = groups.headline(met, REGISTRY, "en")
    assert said.startswith("Supervision group 3 is behind with no duty")
    lagging = groups.headline(duties[duties[GROUP] == "G2"], REGISTRY)
    assert lagging.startswith("第二督导组有期限的职责还有")
    assert "最多" not in lagging


CHECKS = pd.DataFrame(
    {
        "check_date": pd.to_datetime(["2016-05-02", "2016-05-03", "2016-06-02"]),
        GROUP: ["G1", "G1", "G1"],
        "branch": ["A", "A", "B"],
        "has_records": [True, False, None],
        "has_plan": [True, None, None],
    }
)
ROLL = pd.DataFrame(
    {
        "branch": ["A", "B", "C"],
        "unit": ["350102", "350102", "350181"],
        "n_members": [10, 20, 5],
        "is_weak": [True, False, None],
    }
)


def test_breadth_is_of_branches_and_depth_of_what_a_check_says():
    items = [
        c.name
        for c in REGISTRY.tables["spot_check"].columns
        if c.type == "yes_no" and not c.words
    ]
    checks = CHECKS.assign(**{n: None for n in items if n not in CHECKS})
    found = groups.breadth_and_depth(checks, ROLL, REGISTRY, "2016-06")
    found = found.set_index(["round", GROUP])
    first = found.loc[(1, "G1")]
    assert (first["n_checks"], first["n_branches_checked"]) == (2, 1)
    assert (first["breadth"], first["depth"]) == (0.5, 1.5)
    assert found.loc[(2, "G1"), "depth"] == 0
    assert pd.isna(found.loc[(1, "G3"), "breadth"])
    # The third round begins in July.
    assert set(found.index.get_level_values("round")) == {1, 2}


def test_the_load_is_a_supervisor_s_and_unknown_without_their_number():
    load = groups.load_of_groups(ROLL, REGISTRY).set_index(GROUP)
    n = REGISTRY.groups["G1"].n_supervisors
    assert load.loc["G1", "branches_per_supervisor"] == 2 / n
    assert load.loc["G1", "n_weak_base"] == 1
    assert load.loc["G2", "n_members"] == 5


def test_titles_name_the_group_that_stands_out_and_no_tie():
    load = pd.DataFrame(
        {GROUP: ["G1", "G2"], "branches_per_supervisor": [811.8, 913.2]}
    )
    said = groups.heaviest_load(load, REGISTRY)
    assert said == "各组负担：第二督导组最重，人均督导 913 个支部"
    assert groups.heaviest_load(load.assign(branches_per_supervisor=5), REGISTRY) == ""
    assert groups.heaviest_load(load[:1], REGISTRY) == ""
    levels = {GROUP: ["G1", "G1", "G2"], "n_open": [2, 3, 4], "n_overdue": [1, 0, 4]}
    said = groups.most_open(pd.DataFrame(levels), REGISTRY, "en")
    assert said == "Open problems: most with Supervision group 1, 5, of which 1 overdue"
    shares = {"round": [2, 2, 1], GROUP: ["G1", "G2", "G3"], "breadth": [0.2, 0.1, 0]}
    said = groups.least_breadth(pd.DataFrame(shares), REGISTRY)
    assert said == "第 2 轮抽查：第二督导组查得最少，占名册 10.0 %"


def test_rounds_without_a_check_are_named_and_not_listed():
    rows = pd.DataFrame({"round": [3, 3, 2, 2, 1], "n_checks": [0, 4, 0, 0, 0]})
    made, without = groups.split_rounds(rows)
    assert list(made["round"]) == [3, 3]
    assert without == [1, 2]


def filed(code, status, raised, due=None, closed=None, **more) -> dict:
    return {
        "problem_code": code,
        "status": status,
        "raised_date": raised,
        "due_date": due,
        "closed_date": closed,
        GROUP: "G1",
        "level": "group",
        "source": None,
        **more,
    }


FILED = pd.DataFrame(
    [
        filed("late", "open", "2016-05-01", "2016-05-31"),
        filed("young", "open", "2016-06-20"),
        filed("done later", "closed", "2016-06-01", "2016-06-20", "2016-07-05"),
        filed("done late", "closed", "2016-05-01", "2016-05-10", "2016-05-20"),
        filed("done", "closed", "2016-05-01", "2016-05-30", "2016-05-20"),
        filed("back", "relapsed", "2016-05-05", source="lookback_mass_line"),
        filed("not yet", "open", "2016-07-01"),
    ]
)


def test_problems_stand_as_they_did_at_the_month_s_end():
    standing = problems.stand_at(FILED, "2016-06")
    assert list(standing["problem_code"]) == [
        *("late", "done later", "back", "young", "done late", "done"),
    ]
    by_code = standing.set_index("problem_code")
    assert by_code["standing"].to_dict() == {
        "late": "overdue",
        "done later": "overdue",
        "back": "relapsed",
        "young": "open",
        "done late": "closed_late",
        "done": "closed",
    }
    assert by_code.loc["late", "days_overdue"] == 30
    assert by_code.loc["done late", "days_open"] == 19
    said = problems.headline(standing.assign(unit="350102"), REGISTRY)
    assert "提出 6 个问题" in said
    assert "逾期最久的是鼓楼区 late" in said


def test_problems_are_counted_by_level_source_and_age():
    standing = problems.stand_at(FILED, "2016-06")
    (level,) = (
        problems.by_level(standing, REGISTRY).query("n_raised > 0").values.tolist()
    )
    assert level[:4] == ["group", 6, 4, 2]
    sources = problems.by_source(standing, REGISTRY).set_index("source")
    assert sources.loc["lookback_mass_line", "n_relapsed"] == 1
    by_level = problems.by_level(standing, REGISTRY)
    said = problems.title_levels(by_level, REGISTRY)
    assert said == "解决层级：督导组未办结最多，4 个"
    assert problems.title_levels(by_level.assign(n_open=2), REGISTRY) == ""
    said = problems.title_sources(sources.reset_index())
    assert said == "来源与反复情况：未到位 0 个，复发 1 个"
    ages = groups.age_open_problems(standing, REGISTRY)
    assert ages[
        ["n_open", "n_open_young", "n_open_older", "n_open_old"]
    ].values.tolist()
    assert ages.iloc[0][["n_open", "n_open_young", "n_open_older"]].tolist() == [
        4,
        2,
        2,
    ]

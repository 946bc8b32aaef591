"""What the four groups do themselves, and who comes to inspect from above."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from data_pipeline.demo_city.cells import groups_of, pick_branches
from data_pipeline.demo_city.truth import MONTHS
from data_pipeline.registry import Registry

# From here on the demands of the speech hold; the reports had begun with the rounds.
SPEECH_DAY = "2016-07-20"
REPORTS_SINCE = "2016-05-02"
LAST_DAY = "2016-12-30"
# By the end of the year, of 10 interviews and 2 study meetings required.
INTERVIEWS = {"G1": 14, "G2": 11, "G3": 7, "G4": 12}
MEETINGS_ATTENDED = {"G1": 4, "G2": 2, "G3": 3, "G4": 1}
# Items of information a week, of 2 required, before and since; share of experience.
INFORMATION_BEFORE = 0.5
INFORMATION = {"G1": 2.3, "G2": 2.0, "G3": 1.1, "G4": 1.6}
EXPERIENCE_SHARE = {"G1": 0.6, "G2": 0.55, "G3": 0.85, "G4": 0.6}
WEEKLY_REPORT = {"G1": 1.0, "G2": 0.97, "G3": 0.82, "G4": 0.94}
VISITS_A_MONTH = {"G1": 5, "G2": 4, "G3": 2, "G4": 3}
MEMBERS_A_VISIT = 8.0
LIAISON_SHARE = {"G1": 0.9, "G2": 0.8, "G3": 0.5, "G4": 0.75}  # of units, a month
GROUP_MEETINGS = {"G1": 2, "G2": 2, "G3": 1, "G4": 1}  # a month
# Rounds (from 1) whose report never came.
REPORTS_LACKING = {"G3": (3,), "G4": (2,)}
# "下一周,我和明华书记要分两组开展约谈".
CITY_INTERVIEW_DAYS = ("2016-07-26", "2016-07-27", "2016-07-28", "2016-07-29")
SUMMARY_NOTE = "已总结,并提出意见建议"
# "中央督导组、省委督导组已先后4次来我市调研指导": all to prepared sites; later ones
# came unannounced, to cold places.
UPPER_VISITS = (
    ("2016-05-12", "central", True),
    ("2016-05-26", "provincial", True),
    ("2016-06-16", "provincial", True),
    ("2016-06-28", "provincial", True),
    ("2016-09-21", "provincial", False),
    ("2016-11-16", "central", False),
)
COLUMNS = [
    "date",
    "supervision_group",
    "act",
    "unit",
    "branch",
    "kind",
    "quantity",
    "note",
]


Act = dict[str, object]


def draw_duties(branches: pd.DataFrame, registry: Registry, seed: int) -> pd.DataFrame:
    """The table duty, in order of date; quantity is blank where it is one."""
    rng = np.random.default_rng([seed, 29])
    group_of = groups_of(branches["unit"])
    parts = []
    for group in registry.groups:
        own = branches[(group_of == group).to_numpy()].reset_index(drop=True)
        acts = [
            *_meetings_with_branches(group, own, rng),
            *_weekly_acts(group, rng),
            *_monthly_acts(group, own, rng),
            *_round_reports(group, registry),
        ]
        units = rng.permutation(own["unit"].unique())
        for day, unit in zip(CITY_INTERVIEW_DAYS, units, strict=False):
            acts.append({"date": day, "act": "city_interview", "unit": unit})
        part = pd.DataFrame(acts).reindex(columns=COLUMNS)
        parts.append(part.assign(supervision_group=group))
    table = pd.concat(parts).astype({"quantity": "Int64"})
    table = table.astype(object).where(table.notna(), None)
    return table.sort_values("date", kind="stable", ignore_index=True)


def _meetings_with_branches(
    group: str, own: pd.DataFrame, rng: np.random.Generator
) -> Iterator[Act]:
    """Interviews, with the cold first, and study meetings, at random."""
    plans = (
        ("interview", INTERVIEWS[group], -0.8, None),
        ("meeting_attended", MEETINGS_ATTENDED[group], 0.0, SUMMARY_NOTE),
    )
    span = (pd.Timestamp(LAST_DAY) - pd.Timestamp(SPEECH_DAY)).days
    for act, n, pull, note in plans:
        for place in _places(own, n, pull, rng):
            day = pd.Timestamp(SPEECH_DAY) + pd.Timedelta(days=rng.integers(0, span))
            yield place | {"date": f"{day:%Y-%m-%d}", "act": act, "note": note}


def _weekly_acts(group: str, rng: np.random.Generator) -> Iterator[Act]:
    for day in pd.date_range(REPORTS_SINCE, LAST_DAY, freq="W-MON"):
        monday = f"{day:%Y-%m-%d}"
        if rng.random() < WEEKLY_REPORT[group]:
            yield {"date": monday, "act": "weekly_report"}
        is_required = monday >= SPEECH_DAY
        n = rng.poisson(INFORMATION[group] if is_required else INFORMATION_BEFORE)
        n_experience = rng.binomial(n, EXPERIENCE_SHARE[group])
        # A day of the same month, as the week counts for the month it begins in.
        days_left = min(4, day.days_in_month - day.day)
        sent = f"{monday[:8]}{day.day + rng.integers(0, days_left + 1):02d}"
        items = {"experience": n_experience, "problem": n - n_experience}
        for kind, n_items in items.items():
            if n_items:
                quantity = int(n_items) if n_items > 1 else None
                act = {"act": "information", "kind": kind, "quantity": quantity}
                yield act | {"date": sent}


def _monthly_acts(
    group: str, own: pd.DataFrame, rng: np.random.Generator
) -> Iterator[Act]:
    """Visits to members, liaison with units and the group's own meetings."""
    units = own["unit"].unique()
    for month in MONTHS[1:]:

        def day(month: str = month) -> str:
            return f"{month}-{rng.integers(3, 29):02d}"

        for place in _places(own, VISITS_A_MONTH[group], -0.3, rng):
            n_members = 1 + int(rng.poisson(MEMBERS_A_VISIT))
            act = {"date": day(), "act": "member_visit", "quantity": n_members}
            yield place | act
        for unit in units[rng.random(len(units)) < LIAISON_SHARE[group]]:
            yield {"date": day(), "act": "liaison", "unit": unit}
        for part in range(GROUP_MEETINGS[group]):
            yield {"date": f"{month}-{10 + 14 * part:02d}", "act": "group_meeting"}


def _round_reports(group: str, registry: Registry) -> Iterator[Act]:
    for number, period in enumerate(registry.calendar.rounds, 1):
        if number not in REPORTS_LACKING.get(group, ()):
            note = f"第{number}轮集中督导"
            yield {
                "date": f"{period.end:%Y-%m-%d}",
                "act": "round_report",
                "note": note,
            }


def _places(
    own: pd.DataFrame, n: int, pull: float, rng: np.random.Generator
) -> list[Act]:
    """Unit and branch of `n` different branches."""
    rows = pick_branches(own, np.ones(len(own), dtype=bool), n, pull, rng)
    return own.loc[rows, ["unit", "branch"]].to_dict("records")


def draw_upper_visits(branches: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The table upper_visit: prepared sites are warm branches, the others cold ones."""
    rng = np.random.default_rng([seed, 30])
    is_in_county = (branches["township"] != "").to_numpy()
    rows = []
    for day, level, is_prepared in UPPER_VISITS:
        (row,) = pick_branches(
            branches, is_in_county, 1, 4.0 if is_prepared else -1.5, rng
        )
        place = branches.loc[row, ["unit", "branch"]].to_dict()
        rows.append({"date": day, "level": level, **place, "is_prepared": is_prepared})
    return pd.DataFrame(rows)

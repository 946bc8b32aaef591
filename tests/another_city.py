"""A city that is not Fuzhou: other units, sectors, groups, months, topics, map, words.

Its registry is written here from nothing, but for the tables that have models of their
own and the words that forms are read by.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter

from data_pipeline.flags import build_with_flags
from data_pipeline.registry import PACKAGE_FOLDER, load_registry
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake

# What a city takes as it is.
TAKEN = (
    "sheets.toml",
    *(
        f"tables/{name}.toml"
        for name in ("ledger", "roll", "spot_check", "draw", "weak_case")
    ),
    "tables/finding_state.toml",
)
# What it has no use for, though its tables are taken over: no query names these.
LEFT_OUT = (
    *("n_leaders_spoke", "n_leader_speeches"),
    *("method", "problem_kinds", "n_members_talked"),
    *("has_plan", "has_schedule", "has_lecture_plan", "has_minutes", "has_notebooks"),
    *("has_reflections", "has_basic_board", "has_special_board", "shows_identity"),
    *("has_reflections_shown", "has_study_quality", "has_models", "has_remedies"),
    "has_results",
)
SPEECH = "各港区每月20日前报送台账。安全课六月底前讲完。技能课人人讲到。每周巡查两次。"
SECTORS = {"dock": "码头", "fleet": "船队", "yard": "船厂"}
GROUPS = {"N": "北港督导组", "S": "南港督导组"}
UNITS = {"HB": ("海北区", "N"), "HD": ("海东区", "N"), "HN": ("海南岸区", "S")}
MONTHS = ("2019-03", "2019-04", "2019-05", "2019-06", "2019-07")

CALENDAR = """
[campaign]
start = "2019-03"
end = "2019-07"
timezone = "+09:00"
filing_day = 20
quote = "各港区每月20日前报送台账"
rectification_days = 60

[[topic]]
id = "topic_1"
label_zh = "安全课"
label_en = "Safety"
metric = "safety_held"
quote = "安全课六月底前讲完"

[[topic]]
id = "topic_2"
label_zh = "技能课"
label_en = "Skills"
metric = "skills_held"
quote = "技能课人人讲到"

[[round]]
start = 2019-03-01
end = 2019-05-31
"""

METRICS = """
order = 1

[[metric]]
id = "safety_held"
label_zh = "安全课覆盖率"
label_en = "Safety classes held"
numerator = "n_branches_topic_1"
denominator = "n_branches"
verified = { column = "found_topic_1" }
unit = "share"
better = "higher"
window = { start = 2019-03-01, end = 2019-06-30 }
milestones = [{ due = 2019-06-30, target = 1.0 }]
quote = "安全课六月底前讲完"

[[metric]]
id = "skills_held"
label_zh = "技能课覆盖率"
label_en = "Skills classes held"
numerator = "n_branches_topic_2"
denominator = "n_branches"
unit = "share"
better = "higher"
window = { start = 2019-07-01, end = 2019-07-31 }
milestones = [{ due = 2019-07-31, target = 0.9 }]
quote = "技能课人人讲到"

[[metric]]
id = "members_reached"
label_zh = "党员听课率"
label_en = "Members reached"
numerator = "n_members_spoke"
denominator = "n_members"
unit = "share"
better = "higher"
roles = ["members_duty"]
quote = "技能课人人讲到"

[[metric]]
id = "filed_in_time"
label_zh = "台账及时率"
label_en = "Ledgers in time"
table = "filing"
numerator = "n_units_on_time"
denominator = "n_units_due"
unit = "share"
better = "higher"
milestones = [{ target = 1.0 }]
dimensions = ["unit", "supervision_group", "month"]
roles = ["headline", "group_duty"]
quote = "各港区每月20日前报送台账"

[[metric]]
id = "patrols"
label_zh = "每周巡查次数"
label_en = "Patrols a week"
table = "patrol"
numerator = "n_patrols"
owed_by = { place = "supervision_group", each = "week" }
unit = "per_place"
better = "higher"
milestones = [{ target = 2 }]
roles = ["group_duty"]
quote = "每周巡查两次"
"""

PAGES = """
[[page]]
name = "patrols"
section = "gaps"
icon = ":material/directions_boat:"
title_zh = "巡查"
title_en = "Patrols"
metrics = ["patrols", "members_reached"]
split_by = "shift"
"""


def column(name: str, heading: str, type: str, *more: str) -> str:
    lines = [
        "[[column]]",
        f'name = "{name}"',
        f'heading = "{heading}"',
        f'heading_en = "{name}"',
        f'type = "{type}"',
        f'definition_zh = "{heading}。"',
        f'definition_en = "{name}."',
        *more,
    ]
    return "\n".join(lines) + "\n"


PATROL = (
    """
order = 6
sheet = "巡查"
label_zh = "巡查"
label_en = "Patrols"
key = ["date", "supervision_group", "shift"]
title_zh = "巡查记录"
"""
    + column("date", "日期", "date", "required = true")
    + column("supervision_group", "督导组", "group", "required = true")
    + column("shift", "班次", "word", 'words = { "早班" = "early", "晚班" = "late" }')
    + """
[[measure]]
name = "n_patrols"
label_zh = "巡查次数"
label_en = "Patrols"
aggregate = "rows"
time = "in_month"
clock = ["date"]
"""
)
BULLETIN = """
issuer_zh = "港务局"
issuer_en = "Port authority"
praise_points = 5.0
praise_from = 5
praise_most = 3
behind_points = 5.0
behind_most = 3
cold_most = 5
level_points = 0.05
"""
PRIORITIES = """
inspection = ["damaged_file", "missing_ledger", "fault", "late_ledger", "flag"]

[talks]
most = 3

[[reason]]
id = "cold"
weight = 1
lists_from = 1

[[reason]]
id = "overdue"
weight = 2
threshold = 0.05
lists_from = 0.05
"""


def write_registry(folder: Path) -> Path:
    """The registry of the other city, as its office would write it."""
    for name in ("tables", "metrics"):
        (folder / name).mkdir(parents=True)
    for name in TAKEN:
        text = (PACKAGE_FOLDER / name).read_text("utf-8")
        (folder / name).write_text(_of_two_topics(text), "utf-8")
    files = {
        "speech.txt": SPEECH,
        "calendar.toml": CALENDAR,
        "places.toml": _places(),
        "places.geojson": json.dumps(_map(), ensure_ascii=False),
        "metrics/campaign.toml": METRICS,
        "pages.toml": PAGES,
        "bulletin.toml": BULLETIN,
        "priorities.toml": PRIORITIES,
        "rules.toml": _rules(),
        "tables/patrol.toml": PATROL,
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def _of_two_topics(text: str) -> str:
    """A table without what it has of a third topic, and without `LEFT_OUT`."""
    text = text.replace(', "n_branches_topic_3"]', "]")
    entries = re.split(r"(?=^\[\[)", text, flags=re.MULTILINE)
    left_out = [f'name = "{name}"\n' for name in LEFT_OUT]
    return "".join(
        entry
        for entry in entries
        if "topic_3" not in entry and not any(name in entry for name in left_out)
    )


def _places() -> str:
    parts = ['confusable = []\nowed_zh = "应完成数"\nowed_en = "Owed"\n']
    for code, name in SECTORS.items():
        parts.append(
            f'[[sector]]\ncode = "{code}"\nname_zh = "{name}"\nname_en = "{code}"\n'
            f'short_en = "{code}"\naliases = []\n'
        )
    for code, name in GROUPS.items():
        parts.append(
            f'[[group]]\ncode = "{code}"\nname_zh = "{name}"\n'
            f'name_en = "Group {code}"\nn_supervisors = 3\n'
        )
    for code, (name, group) in UNITS.items():
        parts.append(
            f'[[unit]]\ncode = "{code}"\nname_zh = "{name}"\nname_en = "{code}"\n'
            f'aliases = []\ngroup = "{group}"\nkind = "county"\n'
        )
    return "\n".join(parts)


def _map() -> dict:
    def square(at: int) -> list[list[float]]:
        west = 140.0 + at
        return [[west, 35], [west + 1, 35], [west + 1, 36], [west, 36], [west, 35]]

    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {
                "adcode": code,
                "name_zh": name,
                "name_en": code,
                "kind": "district",
                "label_lon": 140.5 + at,
                "label_lat": 35.5,
            },
            "geometry": {"type": "Polygon", "coordinates": [square(at)]},
        }
        for at, (code, (name, _)) in enumerate(UNITS.items())
    ]
    return {"type": "FeatureCollection", "name": "harbour", "features": features}


def _rules() -> str:
    """Our own rules that compare no columns by name, and one pair of this city's."""
    text = (PACKAGE_FOLDER / "rules.toml").read_text("utf-8")
    kinds = [f'kind = "{kind}"' for kind in ("query", "rows", "pattern")]
    kept = [
        f"[[rule]]{rule}"
        for rule in text.split("[[rule]]")[1:]
        if any(kind in rule for kind in kinds)
    ]
    pair = """[[rule]]
id = "safety_within_branches"
table = "ledger"
kind = "at_most"
column = "n_branches_topic_1"
other = "n_branches"
severity = "refuse"
"""
    return "\n".join([*kept, pair])


ROLL_ROWS = [
    (f"{unit}-{number}", f"{UNITS[unit][0]}{number}号", UNITS[unit][0], "港前镇", name)
    + ("流动" if sector == "fleet" else "普通", 20, 2, "否")
    for unit in ("HB", "HD")
    for number, (sector, name) in enumerate(SECTORS.items(), 1)
]


def deliveries() -> list[tuple[str, str, list[str], Sequence[tuple]]]:
    """(day received, sheet, headings, rows): two units by branch, one in totals."""
    heads = (
        "支部代码 支部名称 单位 乡镇街道 领域 类型 党员总数 领导干部数 基础薄弱".split()
    )
    found = [("2019-03-05", "名册", heads, ROLL_ROWS)]
    heads = (
        "统计月份 督导组 单位 乡镇街道 支部代码 领域 党组织数 党支部数 党员总数 "
        "领导干部数 第一专题已召开支部数 第二专题已召开支部数 已发言普通党员数"
    ).split()
    for number, month in enumerate(MONTHS, 1):
        skills = int(month >= "2019-07")
        rows = [
            (month, GROUPS["N"], roll[2], roll[3], roll[0], roll[4], 1, 1, 20, 2)
            + (int(number > 1 + position % 3), skills, 3 * number)
            for position, roll in enumerate(ROLL_ROWS)
        ]
        rows += [
            (month, GROUPS["S"], UNITS["HN"][0], None, None, name, 9, 8, 160, 12)
            + (min(8, 2 * number), 4 * skills, 25 * number)
            for name in SECTORS.values()
            if (month, name) != ("2019-05", "船队")
        ]
        received = f"2019-{number + 3:02d}-10"
        found.append((received, "台账", heads, rows))
    heads = "日期 督导组 支部代码 抽取方式 方式 第一专题核实 评级".split()
    checks = [
        ("2019-06-12", GROUPS["N"], "HB-1", "定向", "暗访", "是", "优"),
        ("2019-06-13", GROUPS["N"], "HD-2", "备检点", "明查", "否", "差"),
    ]
    found.append(("2019-06-20", "抽查", heads, checks))
    heads = ["日期", "督导组", "班次"]
    patrols = [
        ("2019-06-03", GROUPS["N"], "早班"),
        ("2019-06-04", GROUPS["N"], "晚班"),
        ("2019-06-05", GROUPS["S"], "早班"),
    ]
    found.append(("2019-06-21", "巡查", heads, patrols))
    return found


def build_another_city(folder: Path, root: Path) -> Path:
    """Its workbooks, by the common road into a lake that is built; returns the lake."""
    registry = load_registry(folder)
    lake = Lake(root / "lake_root")
    with lake.writing():
        for number, (day, sheet, heads, rows) in enumerate(deliveries()):
            path = root / f"{number}-{sheet}.xlsx"
            with xlsxwriter.Workbook(path) as book:
                page = book.add_worksheet(sheet)
                for at, row in enumerate([heads, *rows]):
                    page.write_row(at, 0, row)
            received = datetime.fromisoformat(f"{day}T09:00:00+09:00")
            report = ingest_files([path], lake, registry, received=received)
            sentences = [finding.sentence() for finding in report.findings]
            assert not sentences, sentences
        build_with_flags(lake.root, registry)
    return lake.root

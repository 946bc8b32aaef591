"""A registry with one table more, from TOML alone, as an office would add it.

学习小组 (`study_group`): month × unit × sector × kind, a word column and two counts,
two measures; a share by category and a count of which each county owes 3 to 4; a page.
Import the fixture where it has to be found:

    from tests.new_table import new_table  # noqa: F401
"""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.registry import FOLDER_VARIABLE
from tests.extended_registry import copy_registry

SHEET = "学习小组"
TABLE = """
sheet = "学习小组"
label_zh = "学习小组台账"
label_en = "Study groups"
key = ["month", "unit", "sector", "kind"]
title_zh = "福州市学习小组台账"

[[column]]
name = "month"
heading = "统计月份"
type = "month"
required = true
definition_zh = "数据截至的月份。"
definition_en = "Month whose end the figures describe."

[[column]]
name = "unit"
heading = "单位"
type = "unit"
required = true
definition_zh = "被督导的单位。"
definition_en = "Supervised unit."

[[column]]
name = "sector"
heading = "领域"
type = "sector"
required = true
definition_zh = "六个领域之一。"
definition_en = "One of six sectors."

[[column]]
name = "kind"
heading = "小组类别"
heading_en = "Kind of group"
type = "word"
required = true
words = { "示范组" = "model_group", "普通组" = "ordinary_group" }
words_en = { model_group = "Model group", ordinary_group = "Ordinary group" }
definition_zh = "示范组或普通组。"
definition_en = "Model or ordinary."

[[column]]
name = "n_participants"
heading = "应学人数"
type = "count"
kind = "state"
definition_zh = "小组应学习的人数。"
definition_en = "Participants who are to study."

[[column]]
name = "n_finished"
heading = "已学人数"
type = "count"
kind = "state"
definition_zh = "其中已学完的人数。"
definition_en = "Of these, participants who have finished."

[[measure]]
name = "n_finished_in_groups"
label_zh = "学习小组已学人数"
label_en = "Participants who have finished"
column = "n_finished"
time = "state"
clock = ["month"]

[[measure]]
name = "n_model_groups"
label_zh = "示范组数"
label_en = "Model groups"
aggregate = "rows"
where = { kind = "model_group" }
time = "state"
clock = ["month"]
"""
METRICS = """
order = 99

[[metric]]
id = "study_group_share"
table = "study_group"
label_zh = "学习小组完成率"
label_en = "Study groups: share finished"
numerator = "n_finished_in_groups"
denominator = "n_participants"
unit = "share"
better = "higher"
milestones = [{ target = 1.0 }]
quote = "全市16198个党支部"

[[metric]]
id = "model_groups_county"
table = "study_group"
label_zh = "县区示范组"
label_en = "Model groups of a county"
numerator = "n_model_groups"
owed_by = { place = "unit", kinds = ["county", "zone"] }
unit = "per_place"
better = "higher"
milestones = [{ target = 3, upper = 4 }]
quote = "全市16198个党支部"
"""
PAGE = """
[[page]]
name = "study_groups"
section = "gaps"
icon = ":material/groups:"
title_zh = "学习小组"
title_en = "Study groups"
metrics = ["study_group_share", "model_groups_county"]
split_by = "kind"
"""
RULE = """
[[rule]]
id = "finished_within_participants"
table = "study_group"
kind = "at_most"
column = "n_finished"
other = "n_participants"
severity = "refuse"
"""


def add_table(folder: Path, *, with_page: bool = True) -> Path:
    """A copy of the registry below `folder` with the table; nothing but TOML."""
    registry = copy_registry(folder)
    (registry / "tables" / "study_group.toml").write_text(TABLE, "utf-8")
    (registry / "metrics" / "study_groups.toml").write_text(METRICS, "utf-8")
    added = {"rules.toml": RULE} | ({"pages.toml": PAGE} if with_page else {})
    for name, text in added.items():
        with open(registry / name, "a", encoding="utf-8") as file:
            file.write(text)
    return registry


@pytest.fixture
def new_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the registry with the table; every command reads it."""
    folder = add_table(tmp_path)
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder

"""What the sentences of 领导参与 say of rows that a figure leaves out."""

from __future__ import annotations

import pandas as pd

from data_pipeline.registry import load_registry
from reports.leader_participation import rows as leaders


def figure(numerator: int, denominator: int, n_blank: int) -> pd.DataFrame:
    row = {"numerator": numerator, "denominator": denominator, "n_blank": n_blank}
    return pd.DataFrame([row | {"rate": numerator / denominator, "n_missing": 0}])


def test_two_numbers_of_leaders_differ_by_the_rows_that_are_said_to_be_left_out():
    registry = load_registry()
    frames = dict.fromkeys(leaders.ROLES, figure(5, 23, 0)) | {
        leaders.ATTENDANCE: figure(8, 20, 1),
        leaders.SPEAKING: figure(6, 8, 0),
        leaders.GRASSROOTS: figure(3, 5, 2),
        leaders.LECTURERS: figure(3, 20, 2),
    }
    said = leaders.describe_heads(frames, registry).replace("\N{NO-BREAK SPACE}", " ")
    assert "（8 / 20 名领导干部，1 行空白不计）" in said
    assert "（6 / 8 名领导干部）" in said
    caveats = dict.fromkeys((leaders.ATTENDANCE, leaders.SPEAKING), "（2 条线索）")
    said = leaders.describe_heads(frames, registry, caveats=caveats)
    said = said.replace("\N{NO-BREAK SPACE}", " ")
    assert "（8 / 20 名领导干部，1 行空白不计，2 条线索）" in said
    assert "（6 / 8 名领导干部，2 条线索）" in said
    said = leaders.describe(frames, registry, "en", caveat=" (2 flags)")
    assert "2 blank rows left out; 2 flags) as given at the grass roots:" in said
    home = leaders.describe_home(frames, "en").replace("\N{NO-BREAK SPACE}", " ")
    assert "20 leaders (2 blank rows left out) gave 3 lectures" in home


def test_ledgers_and_lecture_records_are_held_against_each_other_with_the_reason():
    """50.4 % and 33.1 % stood on one page without a word of why they differ."""
    frames = dict.fromkeys(leaders.ROLES, figure(2535, 5034, 0))
    frames[leaders.RECORDED] = figure(1660, 5014, 0)
    registry = load_registry()
    said = leaders.describe(frames, registry).replace("\N{NO-BREAK SPACE}", " ")
    assert "讲课记录为 33.1 %（1,660 / 5,014 场），与台账相差 17.3 个百分点" in said
    assert "在讲课人本单位以外讲的才算下基层" in said
    said = leaders.describe(frames, registry, "en").replace("\N{NO-BREAK SPACE}", " ")
    assert "33.1 % (1,660 of 5,014), 17.3 points from the ledgers" in said
    alone = leaders.describe(
        dict(frames, **{leaders.RECORDED: figure(0, 1, 0)[:0]}), registry
    )
    assert "讲课记录" not in alone

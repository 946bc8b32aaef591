"""Credibility flags in words: what each rule looks at, and what a flag says.

A flag is a reason to look at named rows. So each rule also says what may be behind it
without anybody's fault, and nothing here adds flags up to a score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.statistics.credibility import REASONS
from reports.tables import DisplayTable, Hint
from reports.words import wording


class RuleWords(NamedTuple):
    """name heads a column; looks_at is one sentence; innocent is why to ask first."""

    name: str
    looks_at: str
    innocent: str


RULES: Mapping[str, Mapping[str, RuleWords]] = {
    "zh": {
        "part_over_whole": RuleWords(
            "部分大于整体",
            "某个数比它所属的总数还大,比率超过 100 %。",
            "可能是两个数口径或时点不同,请核对两列。",
        ),
        "cumulative_falls": RuleWords(
            "累计数下降",
            "累计数低于以前的上报。",
            "可能误按当月填报,也可能是更正以前的多报;两个月中哪个有误要看底册。",
        ),
        "all_at_100": RuleWords(
            "多项恰好 100 %",
            "同一单位、领域在 3 项以上任务(每项应到 50 以上)恰好全部完成;"
            "抽查全部属实的,或各项都有半数以上单位(5 个以上)同样全部完成的,不算。",
            "全部完成并非不可能;旁边给出按抽查核实率算出的概率,抽查最能回答。",
        ),
        "copied_month": RuleWords(
            "与上月相同",
            "应当变动的累计数中有 5 个以上与上月完全相同;"
            "半数以上单位(5 个以上)同月未动的月份不算。",
            "可能当月确实没有活动,或漏报后以上月数字代替。",
        ),
        "same_in_two_units": RuleWords(
            "两单位雷同",
            "不同单位当月的数字逐项相同(5 个以上非零)。",
            "可能是汇总时贴错了行,先看是哪一份文件。",
        ),
        "jump": RuleWords(
            "一月突增",
            "一个月增加 20 个百分点以上,且超过历月中位增幅的 3 倍(应到 30 以上);"
            "半数以上单位(5 个以上)同月突增的不算。",
            "可能集中召开,也可能补报以前的工作;请看会议记录的日期。",
        ),
        "last_days": RuleWords(
            "集中在月末",
            "一个月的转化有一半以上落在最后三天(10 件以上)。",
            "可能统一在月末验收;请看验收记录的日期。",
        ),
        "round_digits": RuleWords(
            "尾数多为 0、5",
            "8 以上的数以 0 或 5 结尾的明显多于两成(100 个数以上才判断)。",
            "可能是估计而不是虚报;请问数字从何而来。",
        ),
        "ahead_of_window": RuleWords(
            "超前学习",
            "专题在窗口开始以前就填报已召开。",
            "可能填错了专题的列;若确实提前学习,也要向督导组说明。",
        ),
        "own_lectures": RuleWords(
            "党课全算下基层",
            "讲党课次数全部算作下基层,而抽查查到的较少。",
            "可能对“下基层”的理解不同,也可能抽查时底册不在;请对照讲课地点。",
        ),
    },
    "en": {
        "part_over_whole": RuleWords(
            "Part over whole",
            "A count is larger than the total it is part of: a rate above 100 %.",
            "The two may be counted at different times or in different ways.",
        ),
        "cumulative_falls": RuleWords(
            "Total falls",
            "A count since the campaign began is lower than reported before.",
            "One month's figure may have been filed by mistake, or an earlier excess "
            "put right; only the register says which month is wrong.",
        ),
        "all_at_100": RuleWords(
            "All at 100 %",
            "A unit and sector report exactly 100 % in three duties or more, each due "
            "from 50 or more; left out where checks confirm all, or where half of five "
            "or more units did each of them in full.",
            "It can be true. The chance of it at the rate that checks confirmed stands "
            "beside it; a spot check answers best.",
        ),
        "copied_month": RuleWords(
            "Same as last month",
            "Five or more totals that should move equal those of the month before; a "
            "month in which half of five or more units stand still is left out.",
            "There may have been no activity, or last month's figures stand in for "
            "missing ones.",
        ),
        "same_in_two_units": RuleWords(
            "Same in two units",
            "Two units report the very same figures in a month, five above zero.",
            "A row may have been pasted in the wrong place: look which file it is.",
        ),
        "jump": RuleWords(
            "Sudden jump",
            "One month adds over 20 points and over 3 times the median month; judged "
            "from 30 due on; a month in which half of five or more units leap is left "
            "out.",
            "Meetings may have been held together, or earlier work filed late: look at "
            "the dates in the minutes.",
        ),
        "last_days": RuleWords(
            "Last days",
            "Over half of a month's conversions, of ten or more, fall on its last "
            "three days.",
            "They may be accepted together at the end of a month.",
        ),
        "round_digits": RuleWords(
            "Ends in 0 or 5",
            "Counts of 8 and more end in 0 or 5 far more often than one in five; "
            "judged from 100 counts on.",
            "They may be estimates in good faith: ask where the figures come from.",
        ),
        "ahead_of_window": RuleWords(
            "Ahead of window",
            "A topic is reported as held before its window opened.",
            "It may stand in the wrong column; studying early also wants a word.",
        ),
        "own_lectures": RuleWords(
            "All grass-roots",
            "Every lecture is counted as given at the grass roots, while checks find "
            "fewer.",
            "The term may be read in another way, or the register was not at hand: "
            "look where the lectures were given.",
        ),
    },
}
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "part_over_whole": "{worst}为 {value},大于其总数 {reference}。",
        "cumulative_falls": "{n} 项累计数低于以前的上报;降得最多的{worst}由 "
        "{reference} 降到 {value}。",
        "all_at_100": "可判断的 {reference} 项任务中 {value} 项恰好 100 %:{fields}。",
        "copied_month": "应当变动的 {reference} 个数中 {value} 个与上月相同:{fields}。",
        "same_in_two_units": "{value} 个非零数与当月另外 {others} 个单位逐项相同。",
        "jump": "{worst}一个月增加 {points},历月中位增幅 {median}。",
        "last_days": "当月的转化有 {share} 落在最后三天({n_rows} 件)。",
        "round_digits": "8 以上的数有 {share} 以 0 或 5 结尾,不加选择应约为 20 %。",
        "ahead_of_window": "{worst}在窗口开始以前已填 {value}。",
        "own_lectures": "党课全部算作下基层;抽查查到 {value} 次,照上报应有 {expected} "
        "次。",
        "chance": "若各项只做到抽查核实的水平且互不相干,全部完成的概率{chance}。",
        "tiny": "不到百万分之一",
        "about": "约 {chance}",
    },
    "en": {
        "part_over_whole": "{worst}: {value}, more than its total of {reference}.",
        "cumulative_falls": "{n} totals lower than before; most of all {worst}, from "
        "{reference} to {value}.",
        "all_at_100": "{value} of {reference} duties that can be judged are at exactly "
        "100 %: {fields}.",
        "copied_month": "{value} of {reference} counts that should move equal last "
        "month's: {fields}.",
        "same_in_two_units": "{value} counts above zero equal those of {others} other "
        "units.",
        "jump": "{worst}: {points} in one month; the median month adds {median}.",
        "last_days": "{share} of the month's conversions fall on its last three days "
        "({n_rows}).",
        "round_digits": "{share} of the counts from 8 on end in 0 or 5; about 20 % "
        "would by themselves.",
        "ahead_of_window": "{worst}: {value} before the window opened.",
        "own_lectures": "All lectures count as grass-roots ones; checks found {value} "
        "where the reports say {expected}.",
        "chance": " At the rate that checks confirm, each apart, the chance of all "
        "done is {chance}.",
        "tiny": "below one in a million",
        "about": "about {chance}",
    },
}
TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "rule": "规则",
        "months": "月份",
        "says": "线索",
        "n_rows": "台账行数",
        "source": "出处",
        "count": "{n} 条",
        "more": "…等",
        "none": "当前筛选下没有线索。",
        "head": "{units} 个单位有 {flags} 条线索,落在 {n} 行记录上。",
    },
    "en": {
        "rule": "Rule",
        "months": "Months",
        "says": "Flag",
        "n_rows": "Ledger rows",
        "source": "Where it stands",
        "count": "{n} flags",
        "more": " …",
        "none": "No flags for this choice.",
        "head": "{units} units have {flags} flags, resting on {n} rows.",
    },
}
MARK = "▲"
MAX_SOURCES = 6
JOINERS = {"zh": "、", "en": "; "}


def flag_id(flag: Any) -> str:
    """A name of a flag that holds across snapshots, for links.

    >>> from types import SimpleNamespace
    >>> flag_id(SimpleNamespace(
    ...     rule="jump", unit="HTZ", sector="", first_month="2016-09"))
    'jump-HTZ-all-2016-09'
    """
    place = f"{flag.unit}-{flag.sector or 'all'}"
    return f"{flag.rule}-{place}-{flag.first_month}"


def sentence(flag: Any, registry: Registry, language: str = "zh") -> str:
    """What one flag (a row of `flags.Flags.found`) says, with its figures."""
    texts = SENTENCES[language]
    label = _duty if flag.rule in ("all_at_100", "jump") else _count
    labels = [label(name, registry, language) for name in flag.fields]
    told = texts[flag.rule].format(
        value=wording.number(flag.value),
        reference=wording.number(flag.reference),
        expected=f"{flag.reference:.1f}".removesuffix(".0"),
        others=wording.number(flag.reference - 1),
        share=wording.percent(flag.value),
        points=wording.points(flag.value, language),
        median=wording.points(flag.reference, language),
        n=len(labels),
        n_rows=wording.number(flag.n_rows),
        worst=labels[0],
        fields=JOINERS[language].join(labels),
    )
    if flag.rule == "all_at_100" and not wording.is_missing(flag.p_value):
        chance = texts["tiny"]
        if flag.p_value >= 1e-6:
            chance = texts["about"].format(chance=wording.percent(flag.p_value, 4))
        told += texts["chance"].format(chance=chance)
    return told


def source(rows: pd.DataFrame, language: str = "zh") -> str:
    """Where rows stand, file by file: '2016-09.xlsx 台账!4–19、23'.

    Parameters
    ----------
    rows
        `source_file`, `source_sheet` and `source_row`. Past six files the list is cut.
    """
    files = rows.groupby(["source_file", "source_sheet"], sort=False)["source_row"]
    told = [
        f"{' '.join(filter(None, (file, sheet)))}!{_ranges(numbers.unique())}"
        for (file, sheet), numbers in list(files)[:MAX_SOURCES]
    ]
    more = TEXTS[language]["more"] if files.ngroups > MAX_SOURCES else ""
    return "; ".join(told) + more


def select(
    found: pd.DataFrame,
    month: str,
    *,
    is_month_only: bool = False,
    rule: str | None = None,
    group: str | None = None,
    unit: str | None = None,
    sector: str | None = None,
) -> pd.DataFrame:
    """The flags of a choice, None for all; labels stay those of `found`.

    A flag of a span of months belongs to each of them, one of a whole unit to each of
    its sectors. Without `is_month_only` all that had begun by the month are kept.
    """
    kept = found["first_month"] <= month
    if is_month_only:
        kept &= found["last_month"] >= month
    for name, code in {"rule": rule, "supervision_group": group, "unit": unit}.items():
        if code:
            kept &= found[name] == code
    if sector:
        kept &= found["sector"].isin(("", sector))
    return found[kept]


def flag_rows(
    found: pd.DataFrame, evidence: pd.DataFrame, registry: Registry
) -> pd.DataFrame:
    """Flags as a list to keep: codes, figures, both sentences, where they stand.

    Same rows, order and labels as `found`; `fields` are joined by semicolons.
    """
    flags = list(found.itertuples())
    rows = found.drop(columns="rows").assign(
        fields=[";".join(flag.fields) for flag in flags]
    )
    for language in ("zh", "en"):
        rows[f"sentence_{language}"] = [
            sentence(flag, registry, language) for flag in flags
        ]
    rows["source"] = [
        source(evidence.loc[list(flag.rows)].sort_values(["month", "source_row"]))
        for flag in flags
    ]
    return rows


def flags_table(
    rows: pd.DataFrame, registry: Registry, language: str = "zh"
) -> DisplayTable:
    """The list of `flag_rows` as people read it."""
    texts, rules = TEXTS[language], RULES[language]

    def names(dimension: str, whole: str = "") -> list[str]:
        return [
            wording.place_name(registry, dimension, code, language) if code else whole
            for code in rows[dimension]
        ]

    spans = [
        first if first == last else f"{first} – {last}"
        for first, last in zip(rows["first_month"], rows["last_month"], strict=True)
    ]
    labels = wording.DIMENSION_LABELS
    columns = {
        labels["unit"][language]: names("unit"),
        labels["sector"][language]: names("sector", wording.OVERALL[language]),
        texts["rule"]: [rules[rule].name for rule in rows["rule"]],
        texts["months"]: spans,
        texts["says"]: rows[f"sentence_{language}"],
        texts["n_rows"]: rows["n_rows"],
        texts["source"]: rows["source"],
        labels["supervision_group"][language]: names("supervision_group"),
    }
    hints = dict.fromkeys(columns, Hint("text")) | {texts["n_rows"]: Hint("integer")}
    return DisplayTable(pd.DataFrame(columns).reset_index(drop=True), hints)


def rules_table(found: pd.DataFrame, language: str = "zh") -> DisplayTable:
    """Every rule: what it looks at, what may be behind it, how many flags there are."""
    words = RULES[language]
    counts = found["rule"].value_counts()
    headings = {
        "zh": ("规则", "看什么", "为什么只是去看的理由", "线索"),
        "en": ("Rule", "Looks at", "Why it is a reason to look, no verdict", "Flags"),
    }[language]
    rows = [(*words[rule], wording.number(counts.get(rule, 0))) for rule in REASONS]
    frame = pd.DataFrame(rows, columns=list(headings))
    return DisplayTable(frame, dict.fromkeys(headings, Hint("text")))


def headline(found: pd.DataFrame, language: str = "zh") -> str:
    """How many flags in how many units, on how many rows; no unit is ranked by it."""
    texts = TEXTS[language]
    if found.empty:
        return texts["none"]
    return texts["head"].format(
        units=found["unit"].nunique(),
        flags=wording.number(len(found)),
        n=wording.number(len({row for rows in found["rows"] for row in rows})),
    )


def flag_matrix(
    found: pd.DataFrame, registry: Registry, language: str = "zh"
) -> list[dict[str, Any]]:
    """Units by rules in numbers of flags, each group's sum before its units.

    Returns
    -------
    list of dict
        `group` or `unit` (code), `name`, and `cells`: one text for each of `REASONS`,
        a mark with a word ('▲ 3 条') or a dash where there is none.
    """
    counts = found.groupby(["supervision_group", "unit", "rule"]).size()
    lines = []
    for group in registry.groups:
        units = [code for code, unit in registry.units.items() if unit.group == group]
        sums = {
            unit: [int(counts.get((group, unit, rule), 0)) for rule in REASONS]
            for unit in units
        }
        total = [sum(column) for column in zip(*sums.values(), strict=True)]
        name = wording.place_name(registry, "supervision_group", group, language)
        lines.append({"group": group, "name": name, "cells": _marked(total, language)})
        lines += [
            {
                "unit": unit,
                "name": wording.place_name(registry, "unit", unit, language),
                "cells": _marked(sums[unit], language),
            }
            for unit in units
        ]
    return lines


def _marked(counts: Sequence[int], language: str) -> list[str]:
    """Counts with a mark and a word: never colour alone."""
    told = TEXTS[language]["count"]
    return [f"{MARK} {told.format(n=n)}" if n else wording.UNDEFINED for n in counts]


def _duty(numerator: str, registry: Registry, language: str) -> str:
    """The share that everybody must bring to 100 %, by its numerator."""
    for metric in registry.metrics.values():
        if metric.numerator == numerator and metric.target == 1:
            return wording.in_language(metric, "label", language)
    return _count(numerator, registry, language)


def _count(column: str, registry: Registry, language: str) -> str:
    return "" if column == "date" else registry.label(column, language)


def _ranges(numbers: Sequence[int]) -> str:
    """Row numbers, runs of them as first–last; at most six, then an ellipsis."""
    runs: list[list[int]] = []
    for number in sorted(map(int, numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [f"{a}" if a == b else f"{a}–{b}" for a, b in runs[:MAX_SOURCES]]
    more = "…" if len(runs) > MAX_SOURCES else ""
    return ",".join(told) + more

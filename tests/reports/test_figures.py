"""Figures: numbers are the frame's, words stand for them, names are safe."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import pandas as pd
import pytest
from plotly.io import to_json

from data_pipeline.rates import read_filing, read_rates
from data_pipeline.statistics.cold_cells import funnel_limits
from data_pipeline.statistics.deadlines import judge_progress
from data_pipeline.statistics.design_effects import SUMS
from data_pipeline.statistics.unevenness import trace_unevenness
from reports.area_profile.rows import stand
from reports.belief import Belief
from reports.figures import style
from reports.leader_participation.rows import ROLES, lecture_rows
from reports.reported_vs_verified.rows import GRADES
from reports.topics_and_speaking.rows import outcome_rows
from reports.weak_organizations.rows import longest_overdue
from reports.words import wording
from tests.reports.samples import DEMO, REAL, REGISTRY, rates

REPORTS = Path(style.__file__).parents[1]


def _find_figures():
    """A figure is what gives a `Picture`, wherever below reports/ it is written."""
    return {
        node.name: getattr(_module(path), node.name)
        for path in REPORTS.rglob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and node.name != style.empty.__name__
        and node.returns is not None
        and ast.unparse(node.returns) == "Picture"
    }


def _module(path):
    name = path.relative_to(REPORTS.parent).with_suffix("")
    return importlib.import_module(".".join(name.parts))


FIGURES = _find_figures()
figures = SimpleNamespace(**FIGURES)
TOPIC_2 = REGISTRY.metrics["topic_2_coverage"]
CELLS = rates(
    ("unit", "sector"),
    [
        ("350104", "rural", 90, 100, 0, 0),
        ("350104", "nonpublic", 20, 40, 0, 0),
        ("350181", "rural", 60, 200, 0, 0),
        ("350181", "nonpublic", 3, 6, 0, 0),
        ("ZSJG", "organ", 50, 50, 0, 0),
        ("LX", "nonpublic", 0, 0, 0, 1),
    ],
)
MONTHS = ("2016-05", "2016-06", "2016-07")
CITY_MONTHS = rates(("month",), [(m, 30 * i, 90, 0, 0) for i, m in enumerate(MONTHS)])
SECTOR_MONTHS = rates(
    ("sector", "month"),
    [("rural", m, 20 * i, 60, 0, 0) for i, m in enumerate(MONTHS)]
    + [("soe", m, 10 * i, 30, 0, 0) for i, m in enumerate(MONTHS)],
)
UNITS = CELLS.groupby("unit", sort=False, as_index=False)[
    ["numerator", "denominator", "n_blank", "n_missing"]
].sum()
UNITS.insert(3, "rate", UNITS["numerator"] / UNITS["denominator"])
CITY = rates((), [(223, 396, 0, 1)])
HOSTILE = "<b>https://x.example</b> & %{x}"


def hostile_registry():
    """The registry with a unit whose name carries a tag, a link and a template."""
    units = dict(REGISTRY.units)
    units["350104"] = dataclasses.replace(
        units["350104"], name_zh=HOSTILE, name_en=HOSTILE
    )
    return dataclasses.replace(REGISTRY, units=MappingProxyType(units))


def standing(frames, unit, registry=REGISTRY, lower_before=None):
    """`profile.stand` of these units in July, in June lower by so much."""
    months, city = ["2016-07"], {}
    for metric, frame in list(frames.items()):
        by_month = [frame.assign(month="2016-07")]
        if lower_before is not None:
            months = ["2016-06", "2016-07"]
            lower = frame["rate"] - lower_before
            by_month.append(frame.assign(month="2016-06", rate=lower))
        frames = frames | {metric: pd.concat(by_month, ignore_index=True)}
        city[metric] = CITY.assign(month="2016-07")
    return stand(frames, city, registry, unit, months)


def draw_all(registry=REGISTRY, language="zh", snapshot=DEMO):
    """Every figure once, by name."""
    metric = registry.metrics["topic_2_coverage"]
    common = {"snapshot": snapshot}
    july = {"month": "2016-07", **common}
    judged = judge_progress({"2016-06": 0, "2016-07": 100}, 396, date(2016, 8, 31))
    window = {"window_start": date(2016, 5, 1), "window_end": date(2016, 6, 30)}
    made_up = {"2016-06": 300, "2016-07": 360}
    passed = judge_progress(made_up, 396, date(2016, 6, 30), **window)
    outcomes = {"topic_1_coverage": (passed, 396), "topic_2_coverage": (judged, 396)}
    unit_months = SECTOR_MONTHS.rename(columns={"sector": "unit"}).replace(
        {"rural": "350104", "soe": "350181"}
    )
    verified = VERIFIED
    filing = pd.DataFrame(FILING)
    ceiling = registry.metrics["lecture_reach_ceiling"]
    speaking = registry.metrics["member_speaking"]
    bounds = pd.DataFrame({"month": MONTHS, "lower": 0.1, "upper": 0.6})
    draw = {
        "progress_bars": ({"topic_2_coverage": CITY}, july),
        "deadline_strip": ({"topic_2_coverage": (judged, 396)}, july),
        "filing_strip": (filing, common),
        "leader_trends": (
            {"leader_attendance": unit_months},
            {"city": {"leader_attendance": CITY_MONTHS}, **common},
        ),
        "profile_rows": (
            standing({"topic_2_coverage": UNITS}, "350104", registry),
            {"unit": "350104", **july},
        ),
        "topic_curves": ({"topic_2_coverage": CITY_MONTHS}, common),
        "topic_outcomes": (outcome_rows(outcomes, registry), common),
    }
    pictures = {
        name: getattr(figures, name)(data, registry, language, **options)
        for name, (data, options) in draw.items()
    }
    draw = {
        "equiplot": (CELLS, metric, july),
        "funnel": (UNITS, metric, july),
        "missing_pareto": (CELLS, metric, july),
        "month_lines": (unit_months, metric, {"city": CITY_MONTHS, **common}),
        "reach_ceiling": (UNITS, ceiling, {"by": ("unit",), **common}),
        "sector_bars": (SECTORS, metric, {"city": 0.5, "target": 1.0, **july}),
        "sector_dots": (CELLS, metric, {"city": 0.5, "target": 1.0, **july}),
        "speaking_steps": (CITY_MONTHS, speaking, {"bounds": bounds, **common}),
    }
    for name, (data, shown, options) in draw.items():
        call = getattr(figures, name)
        pictures[name] = call(data, shown, registry, language, **options)
    pictures["dumbbell"] = figures.dumbbell(
        UNITS, verified, metric, registry, language, **july
    )
    pictures["leader_places"] = figures.leader_places(
        UNITS, UNITS, registry, language, by=("unit",), city=0.5, **common
    )
    pictures["lecture_split"] = figures.lecture_split(
        lecture_rows(dict.fromkeys(ROLES, UNITS), ("unit",)),
        registry,
        language,
        by=("unit",),
        **common,
    )
    pictures["sector_months"] = figures.sector_months(
        SECTOR_MONTHS, CITY_MONTHS, metric, registry, language, **common
    )
    pictures["unevenness_trend"] = figures.unevenness_trend(
        trace_unevenness(SECTOR_MONTHS, 1.0), metric, language, **common
    )
    pictures["hotspot_bars"] = figures.hotspot_bars(
        HOTSPOTS, registry, language, **common
    )
    pictures["lecture_destinations"] = figures.lecture_destinations(
        DESTINATIONS, registry, language, **common
    )
    pictures["cascade_curves"] = figures.cascade_curves(
        CASCADE_LEVELS, CASCADE, registry, language, **common
    )
    pictures["factor_bands"] = figures.factor_bands(
        FACTORS, registry, language, **common
    )
    pictures["prepared_bias"] = figures.prepared_bias(BIAS, language, **common)
    pictures["grade_bars"] = figures.grade_bars(GRADED, language, **common)
    pictures["drawn_bars"] = figures.drawn_bars(DRAWN, registry, language, **common)
    pictures["state_months"] = figures.state_months(STATES, language, **common)
    pictures["type_bars"] = figures.type_bars(WEAK_KINDS, language, **common)
    return pictures


def received(day: str) -> pd.Timestamp:
    return pd.Timestamp(day, tz=UTC)


def filed(unit: str, n_filed: int, is_on_time: bool, deadline: str = "2016-08-15"):
    return {
        "month": "2016-07",
        "unit": unit,
        "supervision_group": "G1",
        "deadline": received(deadline),
        "first_received": received("2016-08-12") if n_filed else pd.NaT,
        "complete_received": pd.NaT,
        "last_received": pd.NaT,
        "n_sectors_due": 2,
        "n_sectors_filed": n_filed,
        "n_units_due": 1,
        "n_units_on_time": int(is_on_time),
    }


SECTORS = rates(
    ("sector",),
    [("rural", 150, 300, 0, 0), ("nonpublic", 23, 46, 0, 1), ("soe", 0, 0, 0, 2)],
)
FILING = [
    filed("350104", 2, True, "2016-08-14"),
    filed("350181", 2, False, "2016-08-14"),
    filed("ZSJG", 1, False, "2016-08-14"),
    filed("LX", 0, False, "2016-08-14"),
    filed("GX", 0, False, "2016-09-15"),
]


HOTSPOTS = pd.DataFrame(
    [
        ("350128", "Haitan", "nonpublic", 45, 20, 9, 8, 61, 1.1, 18.2, 7e-19, True),
        ("350124", "Shanglian", "rural", 28, 5, 1, 0, pd.NA, 0.9, 5.7, 0.063, False),
        ("ZSJG", "", "organ", 400, 4, 4, 1, 140, 5.2, 0.8, 1.0, False),
    ],
    columns=(
        "unit township sector n_branches n_weak n_open n_overdue days_overdue_most "
        "n_expected ratio p_adjusted is_hotspot"
    ).split(),
)
VERIFIED = UNITS.drop(columns="n_missing").assign(
    denominator=[12, 40, 60, 4], rate=[0.5, 0.2, 0.9, 0.0], lower=0.1, upper=0.95
)
FACTORS = pd.DataFrame(
    [
        ("found_leaders_attended", None, 40, 30, 9, 100, 92, 0.92, 0.04, 0.84, 0.99)
        + (0.95, 0.87, 1.03, "agrees"),
        ("found_leaders_attended", "350104", 20, 12, 0, 50, 30, 0.6, 0.05, 0.5, 0.7)
        + (0.62, 0.52, 0.72, "over_reported"),
        ("found_leaders_attended", "LX", 3, 2, 0, 4, 4, *[None] * 7, None),
    ],
    columns=(
        "item unit n_random n_usable n_average reported recounted factor factor_error "
        "factor_lower factor_upper after after_lower after_upper band"
    ).split(),
)
BIAS = pd.DataFrame(
    [
        ("found_topic_1", 20, 20, 1.0, 30, 40, 0.75, 25.0, 10.0, 40.0),
        ("found_topic_2", 4, 5, None, 30, 40, 0.75, None, None, None),
    ],
    columns=(
        "item prepared_confirmed prepared_checked prepared_rate unannounced_confirmed "
        "unannounced_checked unannounced_rate points lower_points upper_points"
    ).split(),
)
GRADED = pd.DataFrame(
    [
        (selection, grade, n, n_checked, n / n_checked if n_checked > 9 else None)
        for selection, counts in (
            ("random", (5, 10, 4, 1)),
            ("targeted", (1, 2, 0, 0)),
            ("prepared", (12, 0, 0, 0)),
        )
        for grade, n in zip(GRADES, counts, strict=True)
        for n_checked in (sum(counts),)
    ],
    columns="selection grade n n_checked rate".split(),
).assign(visited_share=lambda rows: rows["rate"])
DRAWN = pd.DataFrame(
    [("350104", 400, 48, 30, 4), ("LX", 90, 9, 0, 0)],
    columns="unit n_frame n_drawn n_weak_frame n_weak_drawn".split(),
).assign(inclusion_probability=[0.12, 0.1], n_reserve=5, proves=[0.9, 0.6])
CASCADE = next(page.cascade for page in REGISTRY.pages if page.cascade)
CASCADE_LEVELS = pd.DataFrame(
    [
        ("topic_1", level, month, n, 4, n / 4)
        for level in ("0", "branches")
        for n, month in enumerate(MONTHS)
    ],
    columns="topic cascade_level month numerator denominator share".split(),
)
DESTINATIONS = pd.DataFrame(
    [
        ("senior_leader", "own_unit", 3, 0),
        ("senior_leader", "rural", 2, 1),
        ("senior_leader", "below", 2, 1),
    ],
    columns="speaker destination n_times n_branches_reached".split(),
)
STATES = pd.DataFrame(
    [("2016-06", 10, 1, 0, 0, 9, 0.1), ("2016-07", 12, 6, 1, 3, 2, 0.5)],
    columns=("month n_listed n_converted n_relapsed n_overdue n_in_term rate".split()),
)
WEAK_KINDS = pd.DataFrame(
    [("rural", 41, 10, 10 / 41, 4, 6, 0), ("organ", 0, 0, float("nan"), 0, 0, 0)],
    columns="sector n_branches n_checked share n_random n_targeted n_prepared".split(),
)


@pytest.fixture(scope="module")
def pictures():
    return draw_all()


def texts_of(figure) -> str:
    """Everything the browser gets, without the template, readable."""
    sent = json.loads(figure.to_json())
    sent["layout"].pop("template")
    return json.dumps(sent, ensure_ascii=False)


def test_every_figure_is_drawn_here(pictures):
    assert len(FIGURES) > 20
    assert set(FIGURES) - set(pictures) == set(), "not drawn in `draw_all`"


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_title_words_and_an_origin_of_its_own(pictures, name):
    picture = pictures[name]
    assert picture.title and picture.title in picture.alt
    assert len(picture.alt) > len(picture.title) + 5
    notes = {note.name: note.text for note in picture.figure.layout.annotations}
    assert notes[style.FOOTNOTE] == f"示例数据 · 数据快照 {DEMO.id}"


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_suits_light_and_dark_and_is_not_zoomed_by_a_thumb(pictures, name):
    layout = pictures[name].figure.layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == style.CLEAR
    assert layout.font.color is None
    axes = [layout[key] for key in layout.to_plotly_json() if "axis" in key]
    assert axes and all(axis.fixedrange for axis in axes)


@pytest.mark.parametrize("name", FIGURES)
def test_untitled_drops_title_and_footnote_and_their_room(pictures, name):
    whole, bare = pictures[name].figure, pictures[name].untitled.figure
    assert bare.layout.height < whole.layout.height
    assert DEMO.id not in texts_of(bare)
    assert pictures[name].title not in str(bare.layout.title.text)
    assert DEMO.id in texts_of(whole), "the picture itself must stay as it was"


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_line_of_a_subtitle_is_wider_than_a_phone(name, language):
    bare = draw_all(REGISTRY, language)[name].untitled.arrangement
    text = (bare["title"] or {"text": ""})["text"]
    lines = [re.sub(r"<[^>]*>", "", line) for line in text.split("<br>")]
    assert max(map(wording.text_width, lines)) <= 58, lines


@pytest.mark.parametrize("name", FIGURES)
def test_what_a_page_sends_unchecked_is_what_plotly_would_have_sent(pictures, name):
    picture = pictures[name]
    sent = json.loads(json.dumps(picture.drawing))
    checked = json.loads(to_json(picture.figure.to_dict(), validate=False))
    del checked["layout"]["template"]
    # plotly leaves out a list of no shapes.
    layout = {key: value for key, value in sent["layout"].items() if value != []}
    assert {**sent, "layout": layout} == checked


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_hostile_name_is_drawn_as_text_in_every_figure(language):
    drawn = 0
    for name, picture in draw_all(hostile_registry(), language).items():
        texts = texts_of(picture.figure)
        assert "<b>https" not in texts, name
        drawn += "&lt;b&gt;https" in texts
        # A template would replace %{x}; plain hover texts are drawn as they are.
        assert "template" not in texts, name
    assert drawn >= 9, "the name must have reached the figures of units"


def test_english_figures_have_no_chinese():
    for name, picture in draw_all(language="en", snapshot=REAL).items():
        figure = picture.figure
        figure.layout.font.family = None
        texts = texts_of(figure) + picture.alt
        assert not [c for c in texts if "\u4e00" <= c <= "\u9fff"], name


def test_drawing_never_waits_for_plotly():
    drawing = sorted({function.__module__ for function in FIGURES.values()})
    code = f"import sys, {', '.join(drawing)}; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_progress_bars_show_rate_target_and_what_is_still_missing(pictures):
    figure = pictures["progress_bars"].figure
    assert list(figure.data[1].x) == [223 / 396]
    assert [shape.x0 for shape in figure.layout.shapes] == [1.0]
    texts = texts_of(figure)
    assert "已完成 223 / 396 个党支部，还差 173（目标 100 %，8月31日前）" in texts


def test_the_speaking_target_in_july_is_two_thirds():
    picture = figures.progress_bars(
        {"member_speaking": CITY}, REGISTRY, month="2016-07"
    )
    assert [shape.x0 for shape in picture.figure.layout.shapes] == [2 / 3]
    assert "还差 41" in picture.alt  # 2/3 of 396 is 264


def test_deadline_strip_ends_where_the_recent_pace_leads(pictures):
    figure = pictures["deadline_strip"].figure
    done, ahead = figure.data
    assert list(done.x) == [100 / 396]
    assert done.x[0] + ahead.x[0] == pytest.approx(200 / 396)
    assert "每月需 296 · 近期每月 100" in texts_of(figure)
    assert "将逾期" in pictures["deadline_strip"].alt


def test_filing_strip_tells_the_five_states_apart_by_form_and_colour(pictures):
    picture = pictures["filing_strip"]
    assert picture.alt.endswith("按时 1、迟报 1、未报齐 1、未报 1、未到期 1")
    looks = {(t.marker.symbol, t.marker.color) for t in picture.figure.data}
    assert len({symbol for symbol, _ in looks}) == 5
    assert [list(t.customdata[0]) for t in picture.figure.data] == [
        [unit, "2016-07"] for unit in ("350104", "350181", "ZSJG", "LX", "GX")
    ]


def test_a_late_ledger_stays_late_in_the_tiny_city(tiny_marts):
    filing = read_filing(tiny_marts)
    later = dataclasses.replace(REAL, built_at=datetime(2016, 12, 31, tzinfo=UTC))
    picture = figures.filing_strip(filing, REGISTRY, snapshot=later)
    marks = {
        tuple(code): trace.marker.symbol
        for trace in picture.figure.data
        for code in trace.customdata
    }
    on_time, missing = "square", "x-thin-open"
    assert marks["350104", "2016-05"] == on_time
    assert marks["350181", "2016-05"] not in (on_time, missing)
    assert marks["350181", "2016-07"] == missing


def test_sector_dots_carry_rate_size_side_and_codes(pictures):
    figure = pictures["sector_dots"].figure
    dots = {
        tuple(code): (x, size, colour)
        for trace in figure.data
        for code, x, size, colour in zip(
            trace.customdata,
            trace.x,
            trace.marker.size,
            trace.marker.color,
            strict=True,
        )
    }
    assert dots.keys() == {
        (row.unit, row.sector) for row in CELLS.itertuples() if row.denominator
    }
    assert dots["350104", "rural"][0] == 0.9
    assert dots["350181", "rural"][1:] == (30, style.COLD)
    assert dots["350104", "rural"][1] == pytest.approx(30 * 0.5**0.5)
    assert dots["350104", "rural"][2] == style.HOT
    lines = figure.layout.shapes
    assert {shape.x0 for shape in lines} == {0.5, 1.0}
    # In each strip one of each, which ends above the words at its foot.
    feet = [note.y for note in figure.layout.annotations if note.yanchor == "bottom"]
    strips = [foot for foot in feet if foot % 1 == 0.5]
    assert len(lines) == 2 * len(strips)
    assert {shape.y1 for shape in lines} == {foot - 0.24 for foot in strips}


def test_the_colours_of_dots_and_bars_are_named_beside_them(pictures):
    """By the classes where places are judged, else by the line they lie beside."""
    named = style.key("差于全市", style.COLD, "●")
    for name in ("sector_dots", "sector_bars"):
        layout = pictures[name].figure.layout
        assert (named in layout.title.subtitle.text) == (name == "sector_dots")
    words = {"very_cold": "cold, very cold", "as_expected": "neither", "hot": "hot"}
    topic = REGISTRY.metrics["topic_2_coverage"]
    judged = CELLS[CELLS["denominator"] > 0].head(3).assign(cell_class=list(words))
    figure = figures.sector_dots(judged, topic, REGISTRY, "en", month="2016-07").figure
    colours = dict(zip(words, (style.COLD, style.NEUTRAL, style.HOT), strict=True))
    drawn = {colour for trace in figure.data for colour in trace.marker.color}
    assert drawn == set(colours.values())
    for name, word in words.items():
        said = style.key(word, colours[name], "●")
        assert said in figure.layout.title.subtitle.text


def test_an_axis_writes_a_share_as_everything_else_does(pictures):
    named = set()
    for picture in pictures.values():
        layout = picture.figure.layout.to_plotly_json()
        axes = [layout[name] for name in layout if name[1:].startswith("axis")]
        assert not any("%" in axis.get("tickformat", "") for axis in axes)
        named |= {tick for axis in axes for tick in axis.get("ticktext") or ()}
    shares = {tick for tick in named if tick.endswith("%")}
    assert {"0 %", "50 %", "100 %"} <= shares
    assert all(tick[:-2].isdecimal() and tick[-2] == " " for tick in shares)


@pytest.mark.parametrize("lowest", [0.389, 0.43, 0.96, 1.0])
def test_an_axis_of_dots_names_100_per_cent_wherever_it_begins(lowest):
    axis = style.dot_axis("share", [lowest, 0.99])
    assert axis["tickvals"][-1] == 1.0
    start, end = axis["range"]
    assert start <= lowest and all(start <= tick <= end for tick in axis["tickvals"])


def test_the_pareto_is_sorted_and_its_share_runs_to_100_per_cent(pictures):
    bars, running = pictures["missing_pareto"].figure.data
    assert list(bars.x) == [140, 20, 10, 3]
    assert [list(code) for code in bars.customdata][0] == ["350181", "rural"]
    assert list(running.x) == pytest.approx([140 / 173, 160 / 173, 170 / 173, 1])


def test_the_pareto_sums_what_does_not_fit_into_a_last_row():
    rows = [(f"35{i:04}", "rural", 0, 20 - i, 0, 0) for i in range(18)]
    picture = figures.missing_pareto(
        rates(("unit", "sector"), rows), TOPIC_2, REGISTRY, month="2016-07"
    )
    bars, running = picture.figure.data
    assert (len(bars.x), len(running.x)) == (15, 16)
    assert running.x[-1] == 1.0
    assert "12" in [
        note.text for note in picture.figure.layout.annotations
    ]  # 5 + 4 + 3


def test_a_surplus_does_not_hide_what_others_lack():
    frame = rates(
        ("unit", "sector"),
        [("350104", "rural", 12, 10, 0, 0), ("350181", "rural", 5, 10, 0, 0)],
    )
    picture = figures.missing_pareto(frame, TOPIC_2, REGISTRY, month="2016-07")
    assert list(picture.figure.data[0].x) == [5]


def test_nothing_missing_is_a_sentence_and_not_an_empty_box():
    frame = rates(("unit", "sector"), [("350104", "rural", 10, 10, 0, 0)])
    picture = figures.missing_pareto(frame, TOPIC_2, REGISTRY, month="2016-07")
    assert picture.alt.endswith("各处均已达到目标。")


def test_sector_bars_say_not_reported_where_nothing_was_filed(pictures):
    figure = pictures["sector_bars"].figure
    assert [list(code) for code in figure.data[0].customdata] == [
        ["rural"],
        ["nonpublic"],
        ["soe"],
    ]
    assert "国企 未报" in pictures["sector_bars"].alt
    assert list(figure.data[0].x) == [0.5, 0.5, 0]


def test_bars_of_two_categories_name_both_in_the_order_of_their_words():
    metric = REGISTRY.metrics["special_group_modes"]
    frame = rates(
        ("group_kind", "mode"),
        [
            ("lost", "regular_management", 3, 10, 0, 0),
            ("floating", "online", 1, 20, 0, 0),
            ("lost", "search", 2, 10, 0, 0),
        ],
    )
    by = ("group_kind", "mode")
    picture = figures.sector_bars(frame, metric, REGISTRY, month="2016-07", by=by)
    assert picture.title == "特殊群体各种方式覆盖率：群体 · 方式"
    codes = [tuple(code) for code in picture.figure.data[0].customdata]
    assert codes == [
        ("floating", "online"),
        ("lost", "search"),
        ("lost", "regular_management"),
    ]
    assert "失联党员 · 规范管理 30.0 %" in picture.alt


def test_sector_months_have_a_panel_each_with_the_city_behind(pictures):
    data = pictures["sector_months"].figure.data
    assert [trace.xaxis for trace in data] == ["x", "x", "x2", "x2"]
    assert list(data[0].y) == list(CITY_MONTHS["rate"])
    assert list(data[3].y) == [0, 1 / 3, 2 / 3]


def test_the_profile_says_rank_only_with_how_the_unit_differs():
    frames = {"topic_2_coverage": UNITS, "lectures_per_leader": UNITS}
    rows = standing(frames, "350181", lower_before=0.1)
    picture = figures.profile_rows(rows, REGISTRY, unit="350181", month="2016-07")
    assert "第二专题覆盖率 30.6 % ↑（第 3 / 3 位，低于全市）" in picture.alt
    assert "领导干部人均党课次数 0.31 ↑（不是占比，不作比较）" in picture.alt
    dots = picture.figure.data[0]
    assert dots.x[0] == pytest.approx(63 / 206)
    assert dots.marker.color[0] == style.COLD
    assert "30.6 % ↑" in texts_of(picture.figure)


def test_a_unit_that_filed_nothing_has_no_dot():
    rows = standing({"topic_2_coverage": UNITS}, "LX")
    picture = figures.profile_rows(rows, REGISTRY, unit="LX", month="2016-07")
    assert list(picture.figure.data[0].x) == [None]
    assert "未报（无可比数据）" in picture.alt


def test_the_reach_ceiling_is_the_speechs_own_example():
    frame = rates((), [(2366, 16198, 0, 0)])
    metric = REGISTRY.metrics["lecture_reach_ceiling"]
    picture = figures.reach_ceiling(frame, metric, REGISTRY, "en")
    assert "2,366 lectures can reach at most 14.6 % of 16,198 branches." in picture.alt
    assert list(picture.figure.data[1].x) == [2366 / 16198]
    assert "at least 13,832 branches have had no lecture" in texts_of(picture.figure)


def test_a_ceiling_above_100_per_cent_is_drawn_as_100():
    metric = REGISTRY.metrics["lecture_reach_ceiling"]
    picture = figures.reach_ceiling(rates((), [(30, 20, 0, 0)]), metric, REGISTRY)
    assert list(picture.figure.data[1].x) == [1.0]


def test_the_lowest_attendance_stands_on_top_and_silence_above_it(pictures):
    bars, marks = pictures["leader_places"].figure.data
    assert [code for (code,) in bars.customdata] == ["LX", "350181", "350104", "ZSJG"]
    assert list(bars.x)[1:] == [63 / 206, 110 / 140, 1.0]
    assert list(marks.x) == list(bars.x)
    notes = [note.text for note in pictures["leader_places"].figure.layout.annotations]
    assert "<b>未报</b>" in notes


def test_lectures_are_one_bar_a_place_split_by_where_they_were_given():
    frames = {
        name: rates(("sector",), rows)
        for name, rows in {
            "all_lectures_reach": [("rural", 50, 40, 0, 0)],
            "grassroots_reach": [("rural", 12, 36, 1, 0)],
            "grassroots_lectures": [("rural", 12, 42, 1, 0)],
        }.items()
    }
    rows = lecture_rows(frames, ("sector",))
    picture = figures.lecture_split(rows, REGISTRY, "en", by=("sector",))
    # 8 of the 50 lectures stand in a row that does not say where.
    assert [list(trace.x) for trace in picture.figure.data] == [
        [12 / 40],
        [30 / 40],
        [8 / 40],
    ]
    notes = [note.text for note in picture.figure.layout.annotations]
    assert "<b>33.3 %</b> | 100 %" in notes
    assert "each branch once" in notes
    assert (
        "50 lectures, 40 branches, 12 at the grass roots, 30 in their own unit"
        in picture.alt
    )


def test_a_count_at_the_grass_roots_in_doubt_has_its_flag_and_what_records_have():
    frames = {
        name: rates(("unit",), rows)
        for name, rows in {
            "all_lectures_reach": [("350102", 30, 60, 0, 0), ("ZSJG", 90, 100, 0, 0)],
            "grassroots_reach": [("350102", 12, 60, 0, 0), ("ZSJG", 90, 100, 0, 0)],
            "grassroots_lectures": [("350102", 12, 30, 0, 0), ("ZSJG", 90, 90, 0, 0)],
            "recorded_grassroots": [("ZSJG", 22, 90, 0, 0)],
        }.items()
    }
    rows = lecture_rows(frames, ("unit",))
    assert rows["unit"].tolist() == ["350102", "ZSJG"]  # the lowest on top
    doubted = {"ZSJG": Belief(n_flags=1)}
    picture = figures.lecture_split(
        rows,
        REGISTRY,
        by=("unit",),
        believed=lambda place: doubted.get(place["unit"], Belief()),
    )
    *_, records = picture.figure.data
    assert list(records.x) == [None, 22 / 100]
    notes = [note.text for note in picture.figure.layout.annotations]
    assert "<b>90.0 %</b> | 90.0 % ⚑1" in notes
    assert "<b>20.0 %</b> | 50.0 %" in notes
    assert "下基层 90（1 条线索），未下基层 0；讲课记录中下基层 22" in picture.alt


def test_lectures_of_a_place_that_filed_nothing_are_not_said_to_be_zero():
    frames = {
        name: rates(("unit",), [("350128", 0, 0, 0, 6), other])
        for name, other in {
            "all_lectures_reach": ("ZSJG", 90, 100, 0, 0),
            "grassroots_reach": ("ZSJG", 80, 100, 0, 0),
            "grassroots_lectures": ("ZSJG", 80, 90, 0, 0),
            "grassroots_leaders": ("ZSJG", 80, 95, 0, 0),
        }.items()
    }
    frames["recorded_grassroots"] = rates(("unit",), [("350128", 57, 90, 0, 0)])
    rows = lecture_rows(frames, ("unit",))
    picture = figures.lecture_split(rows, REGISTRY, by=("unit",))
    silent, filed = picture.figure.data[0].hovertext
    assert silent == "平潭县：未报；讲课记录中下基层 57"
    assert "95 名领导干部中至少 15 名" in filed
    frames["recorded_grassroots"] = rates(("unit",), [("ZSJG", 22, 90, 0, 0)])
    rows = lecture_rows(frames, ("unit",))
    picture = figures.lecture_split(rows, REGISTRY, by=("unit",))
    assert "：平潭县：未报；市直机关：90 次党课，100 个党支部，下基层 80" in picture.alt


def test_a_bar_of_what_was_not_reported_does_not_say_0_of_0(pictures):
    places, _ = pictures["leader_places"].figure.data
    (sectors,) = pictures["sector_bars"].figure.data
    for trace in (places, sectors):
        silent = [text for text in trace.hovertext if "未报" in text]
        assert silent and not any("0 / 0" in text for text in silent)


def test_ends_of_a_strip_and_the_lowest_sector_carry_what_speaks_against_them():
    cells = rates(
        ("unit", "sector"),
        [("350103", "rural", 60, 60, 0, 0), ("350104", "rural", 20, 60, 0, 0)],
    ).assign(n_flags=[3, 0])
    topic = REGISTRY.metrics["topic_1_coverage"]
    dots = figures.sector_dots(cells, topic, REGISTRY, month="2016-07")
    assert dots.title.endswith("仓山区 33.3 %，台江区 100 % ⚑3")
    assert "最高 台江区 100 % ⚑3" in dots.alt
    sectors = rates(
        ("sector",), [("rural", 20, 60, 0, 0), ("organ", 50, 60, 0, 0)]
    ).assign(n_flags=[2, 0])
    bars = figures.sector_bars(sectors, topic, REGISTRY, month="2016-07")
    assert bars.title.endswith("农村最低，33.3 % ⚑2")


def test_a_month_without_a_figure_is_a_gap_in_the_curve_of_a_topic():
    frame = rates(
        ("month",),
        [("2016-05", 1, 4, 0, 0), ("2016-06", 0, 0, 0, 1), ("2016-07", 3, 4, 0, 0)],
    )
    (curve,) = figures.topic_curves({"topic_1_coverage": frame}, REGISTRY).figure.data
    assert list(curve.y) == [0.25, None, 0.75]


def test_topic_curves_stand_at_month_ends_with_window_and_due(pictures):
    figure = pictures["topic_curves"].figure
    assert list(figure.data[0].x) == ["2016-05-31", "2016-06-30", "2016-07-31"]
    assert list(figure.data[0].y) == list(CITY_MONTHS["rate"])
    band, due = figure.layout.shapes
    assert (band.x0, band.x1[:10]) == ("2016-07-01", "2016-09-30")
    assert due.x0 == due.x1 == "2016-08-31"
    # Above the drawing, one above the other: on it a curve would strike them through.
    places = [(n.y, n.yanchor, n.yshift or 0) for n in figure.layout.annotations[:2]]
    assert [place[:2] for place in places] == [(1, "bottom")] * 2
    assert places[0][2] - places[1][2] >= style.SMALL_SIZE


def test_what_became_of_each_topic_is_a_bar_of_its_whole(pictures):
    in_time, later, not_done = pictures["topic_outcomes"].figure.data
    counts = [[round(396 * share) for share in bar.x] for bar in (in_time, later)]
    assert counts == [[300, 100], [60, 0]]
    assert [round(396 * share) for share in not_done.x] == [36, 296]
    title = pictures["topic_outcomes"].figure.layout.title.text
    assert title.startswith("第一专题期限已过，仍有 36 个党支部未完成（9.1 %）")


def test_speaking_steps_rise_at_the_due_dates_between_its_bounds(pictures):
    lower, upper, steps, real = pictures["speaking_steps"].figure.data
    assert list(zip(steps.x, steps.y, strict=True)) == [
        ("2016-04-01", 0),
        ("2016-06-30", pytest.approx(1 / 3)),
        ("2016-08-31", pytest.approx(2 / 3)),
        ("2016-11-10", 1),
        ("2016-12-31", 1),
    ]
    assert steps.line.shape == "hv"
    assert (list(lower.y), list(upper.y)) == ([0.1] * 3, [0.6] * 3)
    assert upper.fill == "tonexty"
    assert list(real.y) == list(CITY_MONTHS["rate"])
    assert "10.0 %–60.0 %" in pictures["speaking_steps"].alt


def test_month_lines_keep_a_gap_where_a_month_is_undefined():
    frame = CITY_MONTHS.copy()
    frame.loc[1, ["numerator", "denominator", "rate"]] = [0, 0, float("nan")]
    picture = figures.month_lines(frame, TOPIC_2, REGISTRY)
    assert list(picture.figure.data[0].y) == [0, None, 2 / 3]
    assert picture.figure.data[0].connectgaps is False


def test_a_line_of_months_says_due_days_and_flags_where_they_lie():
    flagged = {"2016-05": 0, "2016-07": 2}
    for picture in (
        figures.month_lines(CITY_MONTHS, TOPIC_2, REGISTRY, flagged=flagged),
        figures.month_lines(CITY_MONTHS, TOPIC_2, REGISTRY),
    ):
        notes = {n.text: n.x for n in picture.figure.layout.annotations}
        # Its due day lies after the months that are shown.
        assert "8月31日" not in notes
    speaking = REGISTRY.metrics["member_speaking"]
    figure = figures.month_lines(
        CITY_MONTHS, speaking, REGISTRY, flagged=flagged
    ).figure
    notes = {n.text: n.x for n in figure.layout.annotations}
    assert notes["6月30日"] == "2016-06"
    assert notes["⚑2"] == "2016-07"
    (flag,) = (n for n in figure.layout.annotations if n.text == "⚑2")
    assert (flag.y, flag.yanchor) == (0, "top"), "below the drawing and its lines"
    # The month below which they stand is named first.
    assert -flag.yshift >= style.SMALL_SIZE + 5
    assert "⚑2" in texts_of(figure).split("，")[0], (
        "nor is the last month named without"
    )
    assert "⚑0" not in notes
    assert "2016-06" in [s.x0 for s in figure.layout.shapes if s.x0 == s.x1]
    assert "竖虚线：期限" in texts_of(figure)
    assert "⚑ 该月的线索数" in texts_of(figure)


def test_only_highlighted_places_are_coloured_when_there_are_many():
    rows = [(u, m, 1, 2, 0, 0) for u in REGISTRY.units for m in MONTHS]
    picture = figures.month_lines(
        rates(("unit", "month"), rows), TOPIC_2, REGISTRY, highlight=["350181"]
    )
    bold = [t for t in picture.figure.data if t.line.width > 2]
    assert [t.customdata[0][0] for t in bold] == ["350181"]
    assert len(picture.figure.data) == len(REGISTRY.units)


def test_leader_trends_have_a_panel_a_metric(tiny_marts):
    ids = ("leader_attendance", "lectures_per_leader")
    frames, city = (
        {m: read_rates(tiny_marts, m, by=by, months=tiny_marts.months) for m in ids}
        for by in (("unit", "month"), ("month",))
    )
    figure = figures.leader_trends(frames, REGISTRY, city=city).figure
    assert {trace.xaxis for trace in figure.data} == {"x", "x2"}
    whole = [trace for trace in figure.data if trace.line.color == style.CITY]
    assert [list(t.y) for t in whole] == [list(city[m]["rate"]) for m in ids]


def test_the_equiplot_puts_the_most_uneven_unit_first_and_small_cells_hollow(pictures):
    figure = pictures["equiplot"].figure
    assert figure.layout.yaxis.ticktext[0] == "仓山区"
    hollow = [
        tuple(code)
        for trace in figure.data
        for code, symbol in zip(trace.customdata, trace.marker.symbol, strict=True)
        if symbol == "circle-open"
    ]
    assert hollow == [("350181", "nonpublic")]
    line = figure.layout.shapes[0]
    assert (line.x0, line.x1) == (0.5, 0.9)
    assert "仓山区 相差 40.0 个百分点" in pictures["equiplot"].alt


def test_the_unevenness_trend_is_the_trace():
    trace = trace_unevenness(
        rates(
            ("unit", "month"),
            [("A", "2016-06", 4, 10, 0, 0), ("B", "2016-06", 2, 10, 0, 0)]
            + [("A", "2016-07", 10, 10, 0, 0), ("B", "2016-07", 4, 10, 0, 0)],
        ),
        1.0,
    )
    picture = figures.unevenness_trend(trace, TOPIC_2)
    rate, distance = picture.figure.data
    assert (list(rate.y), list(distance.y)) == (
        pytest.approx([0.3, 0.7]),
        pytest.approx([10, 30]),
    )
    assert "10.0 个百分点 → 30.0 个百分点" in picture.alt
    assert "全市比率" in texts_of(picture.figure)
    inside = figures.unevenness_trend(trace, TOPIC_2, place="福清市 · 农村")
    drawn = texts_of(inside.figure)
    assert "福清市 · 农村比率" in drawn and "全市" not in drawn


def test_the_funnel_draws_both_pairs_of_limits_and_names_who_is_outside():
    rows = [(u, 80, 100, 0, 0) for u in ("350102", "350103", "350111", "350105")]
    rows += [("350104", 300, 300, 0, 0), ("350181", 120, 300, 0, 0)]
    frame = rates(("unit",), rows)
    picture = figures.funnel(frame, TOPIC_2, REGISTRY, month="2016-07")
    lines = [t for t in picture.figure.data if t.mode == "lines"]
    assert [t.line.dash for t in lines] == ["solid"] * 4 + ["dash"] * 2
    city = 740 / 1000
    limits = funnel_limits(lines[0].x, city, 0.95)
    assert list(lines[0].y) == pytest.approx(list(limits.lower))
    assert list(lines[1].y) == pytest.approx(list(limits.upper))
    named = [text for text in picture.figure.data[-1].text if text]
    assert named == ["仓山区", "福清市"]
    assert "福清市 40.0 %" in picture.alt


def test_near_100_per_cent_the_funnel_gives_way_to_counts():
    frame = rates(("unit",), [("350104", 99, 100, 0, 0), ("350181", 98, 100, 0, 0)])
    picture = figures.funnel(frame, TOPIC_2, REGISTRY, month="2016-07")
    assert list(picture.figure.data[0].x) == [2, 1]
    assert picture.title == "差在哪里"


def test_an_estimate_stands_in_the_funnel_with_its_effective_size():
    rows = [("350102", 36, 40, 0, 0), ("350103", 10, 20, 0, 0), ("LX", 12, 12, 0, 0)]
    frame = rates(("unit",), rows).drop(columns="n_missing")
    # 0.9 x 0.1 / 0.06^2 = 25; 0.5 x 0.5 / 0.1^2 = 25, more than the 20 checks there
    # were; where all are alike nothing is taken off. From 97 % on it stays a funnel.
    frame = frame.assign(std_error=[0.06, 0.1, 0.0], lower=0.4, upper=1.0)
    for city in (0.8, 0.98):
        options = {"month": "2016-07", "city": city}
        picture = figures.funnel(frame, TOPIC_2, REGISTRY, **options)
        points = picture.figure.data[-1]
        assert list(points.x) == [25, 20, 12]
        assert "核实 36 / 40，相当于简单随机抽查 25 个" in points.hovertext[0]
        assert picture.figure.layout.xaxis.title.text == "有效抽查数（对数）"


def test_heads_stand_in_the_funnel_with_what_their_branches_prove():
    rows = [(u, 80, 100, 0, 0) for u in ("350102", "350103", "350111", "350105")]
    frame = rates(("unit",), [*rows, ("350181", 40, 100, 0, 0)])
    metric = REGISTRY.metrics["member_speaking"]
    # Filed in one row a unit: ten members a branch, and no row to say how alike.
    spread = frame[["unit"]].assign(sector="rural", **dict.fromkeys(SUMS, 0.0))
    spread = spread.assign(n_branches=10.0, n_heads=100.0)
    options = {"month": "2016-07", "spread": spread}
    picture = figures.funnel(frame, metric, REGISTRY, **options)
    points = picture.figure.data[-1]
    assert list(points.x) == [10] * 5
    assert "相当于独立的 10 个" in points.hovertext[0]
    assert "按支部折算" in picture.figure.layout.xaxis.title.text
    assert [text for text in points.text if text] == []
    alone = figures.funnel(
        frame, metric, REGISTRY, **options | {"spread": spread.assign(n_branches=100.0)}
    )
    assert [text for text in alone.figure.data[-1].text if text] == ["福清市"]


def test_the_dumbbell_stars_few_checks_and_does_not_estimate_from_too_few(pictures):
    figure = pictures["dumbbell"].figure
    verified, reported = figure.data
    # 12, 40 and 60 checks are enough for an estimate; 4 are not, and LX has no rate.
    assert len(verified.x) == 3 and len(reported.x) == 3
    assert [name for name in figure.layout.yaxis.ticktext if name.endswith("*")] == [
        "仓山区*"
    ]
    assert list(verified.error_x.arrayminus) == pytest.approx(
        [x - 0.1 for x in verified.x]
    )


def test_a_dumbbell_of_places_without_a_ledger_is_drawn():
    """A unit that was checked and had filed nothing took the page down."""
    filed = UNITS.assign(numerator=0, denominator=0, rate=float("nan"))
    picture = figures.dumbbell(filed, VERIFIED, TOPIC_2, REGISTRY, month="2016-07")
    assert len(picture.figure.data[0].x) == 3


def test_a_figure_of_nothing_is_a_sentence():
    empty = CELLS.iloc[:0]
    for call in (figures.sector_dots, figures.missing_pareto, figures.equiplot):
        picture = call(empty, TOPIC_2, REGISTRY, month="2016-07")
        assert picture.figure.layout.annotations[0].text
        assert not picture.figure.data


def test_a_hot_spot_is_a_bar_beside_what_its_share_would_be(pictures):
    bars, expected = pictures["hotspot_bars"].figure.data
    assert list(bars.x) == [20, 5, 4]
    assert list(expected.x) == [1.1, 0.9, 5.2]
    assert list(bars.marker.color) == [style.HOT, style.NEUTRAL, style.NEUTRAL]
    assert [tuple(place) for place in bars.customdata][0] == (
        "350128",
        "Haitan",
        "nonpublic",
    )
    assert "平潭县 Haitan 非公" in bars.hovertext[0]
    assert "校正 p &lt; 0.001" in bars.hovertext[0]
    # Without a township the place is the unit's sector, not a blank.
    assert bars.hovertext[2].startswith("市直机关 机关<br>")


def test_a_hot_spot_says_how_long_it_is_overdue_and_can_be_ordered_by_it():
    by_chance = figures.hotspot_bars(HOTSPOTS, REGISTRY)
    notes = [note.text for note in by_chance.figure.layout.annotations]
    assert "20 / 45 · 18 倍<br>未转化或复发 9 · 逾期 61 天" in notes
    assert "5 / 28 · 5.7 倍<br>未转化或复发 1" in notes
    assert by_chance.title == "1 处明显偏多：平潭县 Haitan 非公 20 / 45 最突出"
    ordered = longest_overdue(HOTSPOTS)
    assert list(ordered["unit"]) == ["ZSJG", "350128", "350124"]
    by_days = figures.hotspot_bars(ordered, REGISTRY, is_by_days=True)
    assert by_days.title == "逾期最久：市直机关 机关，140 天"
    # The bars are as long as the days, not as the numbers that are listed.
    (lengths,) = (bars.x for bars in by_days.figure.data)
    assert max(lengths) == lengths[0] == 140
    assert "天数" in str(by_days.figure.layout)
    none = ordered.tail(1)
    by_days = figures.hotspot_bars(none, REGISTRY, "en", is_by_days=True)
    assert by_days.title == "Hot spots: none overdue"


def test_the_weak_list_of_a_month_is_stacked_by_state(pictures):
    figure = pictures["state_months"].figure
    assert [list(trace.y) for trace in figure.data] == [[1, 6], [0, 1], [0, 3], [9, 2]]
    texts = [note.text for note in figure.layout.annotations]
    assert {"10.0 %", "50.0 %"} <= set(texts)


def test_a_place_too_small_to_prove_anything_is_not_above_the_funnel():
    metric = REGISTRY.metrics["topic_1_coverage"]
    frame = rates(("unit",), [("350102", 10, 10, 0, 0), ("350103", 100, 400, 0, 0)])
    picture = figures.funnel(frame, metric, REGISTRY, month="2016-07", city=0.925)
    points = picture.figure.data[-1]
    assert list(points.marker.color) == [style.NEUTRAL, style.COLD]


def test_months_of_a_category_have_a_line_a_word_beside_the_city():
    metric = REGISTRY.metrics["special_group_coverage"]
    frame = rates(
        ("month", "group_kind"),
        [
            ("2016-06", "lost", 1, 4, 0, 0),
            ("2016-06", "floating", 1, 10, 0, 0),
            ("2016-07", "lost", 2, 4, 0, 0),
            ("2016-07", "floating", 2, 10, 0, 0),
        ],
    )
    city = rates(("month",), [("2016-06", 2, 14, 0, 0), ("2016-07", 4, 14, 0, 0)])
    data = figures.month_lines(frame, metric, REGISTRY, city=city).figure.data
    assert [trace.name for trace in data] == ["流动党员", "失联党员", "全市"]
    assert list(data[1].y) == [0.25, 0.5]
    alone = figures.month_lines(city, metric, REGISTRY, place="福清市").figure.data
    assert [trace.name for trace in alone] == ["福清市"]


def test_a_name_on_two_lines_is_spoken_as_one():
    metric = REGISTRY.metrics["special_group_coverage"]
    rows = [(f"2016-0{n}", "nonpublic_social", n, 10, 0, 0) for n in (6, 7)]
    picture = figures.month_lines(
        rates(("month", "group_kind"), rows), metric, REGISTRY
    )
    names = [note.text for note in picture.figure.layout.annotations]
    assert any("非公和社会<br>组织党员" in name for name in names)
    assert "非公和社会组织党员 70.0 %" in picture.alt.replace("\xa0", " ")


def test_a_target_that_nobody_comes_near_is_in_the_drawing():
    metric = next(m for m in REGISTRY.metrics.values() if m.unit == "per_head")
    low = {"target": 2.0}
    lines = figures.month_lines(CITY_MONTHS, metric, REGISTRY, **low)
    beside = {"month": "2016-07", "city": 0.5, **low}
    dots = figures.sector_dots(CELLS, metric, REGISTRY, **beside)
    bars = figures.sector_bars(SECTORS, metric, REGISTRY, **beside)
    assert lines.arrangement["yaxis"]["range"][1] > 2
    for picture in (dots, bars):
        assert picture.arrangement["xaxis"]["range"][1] > 2


def test_names_at_the_ends_of_lines_stay_apart_and_inside_the_drawing():
    words = list(REGISTRY.words("group_kind").values())
    counts = [
        ("2016-07", word, 96 + at % 2, 100, 0, 0) for at, word in enumerate(words)
    ]
    metric = REGISTRY.metrics["special_group_coverage"]
    frame = rates(("month", "group_kind"), counts)
    picture = figures.month_lines(frame, metric, REGISTRY, "en").untitled
    notes = picture.figure.layout.annotations
    assert any("<br>" in note.text for note in notes), "a long name has two lines"
    margin = picture.figure.layout.margin
    high = picture.figure.layout.height - margin.t - margin.b
    spans = []
    for note in notes:
        half = note.font.size * 1.3 * (1 + note.text.count("<br>")) / 2
        middle = note.y / picture.figure.layout.yaxis.range[1] * high
        spans.append((middle - half, middle + half))
    spans.sort()
    assert len(spans) == len(words)
    assert all(b[0] >= a[1] - 1 for a, b in zip(spans, spans[1:], strict=False))
    assert spans[-1][1] <= high + margin.t
    wide = [("2016-0" + str(at), words[0], 1, 2, 0, 0) for at in range(4, 8)]
    frame = rates(("month", "group_kind"), [*wide, *counts[1:]])
    axis = figures.month_lines(frame, metric, REGISTRY, "en").figure.layout.xaxis
    assert list(axis.ticktext) == ["May", "Jul"], "names leave every month no room"


def test_an_enlarged_picture_has_twice_the_pixels_and_the_same_data(pictures):
    plain = pictures["filing_strip"].untitled
    one, two = plain.figure, plain.enlarged(2).figure
    for length in (
        lambda figure: figure.layout.height,
        lambda figure: figure.layout.margin.l,
        lambda figure: figure.layout.font.size,
        lambda figure: figure.data[0].marker.size,
        lambda figure: figure.data[0].marker.line.width,
    ):
        assert length(two) == 2 * length(one) > 0
    assert list(two.data[0].x) == list(one.data[0].x)
    assert two.layout.yaxis.range == one.layout.yaxis.range
    strip = pictures["deadline_strip"].untitled
    # The width of a bar is in rows, not in pixels.
    bars = [picture.figure.data[0].width for picture in (strip, strip.enlarged(2))]
    assert bars[0] == bars[1]
    shifts = [
        picture.figure.layout.annotations[0].yshift
        for picture in (strip, strip.enlarged(2))
    ]
    assert shifts[1] == 2 * shifts[0] != 0

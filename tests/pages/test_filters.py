"""A filter stands in the address, on the controls, in figures and files alike."""

import json
import re
from pathlib import Path

import pytest

from data_pipeline.rates import open_marts, read_rates, read_roll
from data_pipeline.registry import load_registry
from reports.words import wording
from tests.office_city import build_office_city
from tests.pages.drawn import Drawn, draw_page, headings_of
from tests.shared_lakes import SharedLakes
from ui.menu import pages
from ui.selection import Selection, read

MONTHS = ("2016-04", "2016-05", "2016-06", "2016-07")
TOPIC = "topic_1_coverage"
JUNE = {"metric": TOPIC, "month": "2016-06"}
# A filter and the `where` of `rates.read_rates` for it.
FILTERS = {
    "group": ({"group": "G1"}, {"supervision_group": ["G1"]}),
    "units": ({"units": "350104,350181"}, {"unit": ["350104", "350181"]}),
    "one_unit": ({"units": "350104"}, {"unit": ["350104"]}),
    "type": ({"branch_type": "ordinary"}, {"branch_type": ["ordinary"]}),
    "types": (
        {"units": "350104,ZSJG", "branch_type": "mobile,joint"},
        {"unit": ["350104", "ZSJG"], "branch_type": ["joint", "mobile"]},
    ),
    "weak": ({"is_weak_base": "yes"}, {"is_weak_base": ["yes"]}),
}
# Where each page hands out the figure of a place, and by what its rows are.
WITH_FIGURES = {
    "county_heatmap": ("csv-matrix", ("unit", "sector")),
    "sector_gaps": ("csv-dots", ("unit", "sector")),
    "overview": ("csv-cells", ("unit", "sector")),
}


@pytest.fixture(scope="module")
def office_lake(shared_lakes: SharedLakes) -> Path:
    return shared_lakes.of(build_office_city)


def choose(**parameters: str) -> Selection:
    return read(parameters, load_registry(), MONTHS)


def test_codes_names_and_both_commas_give_the_same_filter():
    codes = choose(
        units="350104,350181", branch_type="joint,mobile", is_weak_base="yes"
    )
    names = choose(
        units="福清市\uff0c仓山区", branch_type="流动,联合", is_weak_base="是"
    )
    assert codes == names
    assert codes.faults == ()
    assert codes.where == {
        "unit": ("350104", "350181"),
        "branch_type": ("joint", "mobile"),
        "is_weak_base": ("yes",),
    }
    assert choose(**codes.query()) == codes


def test_several_units_may_be_selected_as_in_a_command():
    assert choose(unit="350104,350181").units == ("350104", "350181")
    assert choose(unit="350104").units == ()


@pytest.mark.parametrize(
    ("parameters", "kept", "n_faults"),
    [
        ({"units": "350104,nowhere"}, {"units": "350104"}, 1),
        ({"units": "nowhere"}, {}, 1),
        ({"units": "350104,350181", "group": "G1"}, {"units": "350104"}, 1),
        ({"units": "350181", "group": "G1"}, {"group": "G1"}, 1),
        ({"units": "350181", "unit": "350104"}, {"unit": "350104"}, 1),
        ({"units": "350104,350181", "unit": "350104"}, {"units": "350104,350181"}, 0),
        ({"branch_type": "nobody,联合"}, {"branch_type": "joint"}, 1),
        ({"checks": "random,随便"}, {"checks": "random"}, 1),
        ({"since": "2016-05", "month": "2016-04"}, {}, 1),
        ({"since": "1999-01"}, {}, 1),
        ({"units": ",,"}, {}, 0),
    ],
)
def test_what_does_not_hold_is_left_out_and_said(parameters, kept, n_faults):
    chosen = choose(**parameters)
    assert len(chosen.faults) == n_faults
    query = chosen.query()
    assert kept.items() <= query.items()
    dropped = set(parameters) - set(kept) - {"month", "group", "unit"}
    assert not dropped & set(query)
    assert choose(**query).faults == ()


def test_the_last_of_two_choices_that_exclude_each_other_stays():
    here = choose(units="350104,350181", unit="350104")
    assert here.change(unit="ZSJG").units == ()
    assert here.change(units="350181,ZSJG").unit is None
    assert here.change(group="G2").query()["units"] == "350181"
    assert here.change(group="G2").unit is None
    assert choose(since="2016-06").change(month="2016-05").since is None


@pytest.mark.parametrize("page", WITH_FIGURES)
@pytest.mark.parametrize("name", FILTERS)
def test_a_page_and_its_file_show_what_the_filter_leaves(
    page, name, tiny_lake, monkeypatch
):
    choices, where = FILTERS[name]
    kinds = {"branch_type", "is_weak_base"} & set(choices)
    if kinds - set(pages()[page].filters):
        pytest.skip("a filter that this page does not offer")
    key, by = WITH_FIGURES[page]
    duty = {"duty": "branches"} if page == "overview" else {}
    drawn = draw_page(page, tiny_lake, monkeypatch, **JUNE, **choices, **duty)
    rows = drawn.rows_of(key)
    metric = rows[0]["metric"]
    expected = read_rates(
        open_marts(tiny_lake), metric, by=by, where=where, months=["2016-06"]
    )
    shown = {
        tuple(row[name] for name in by): (
            int(row["numerator"]),
            int(row["denominator"]),
        )
        for row in rows
        if row.get("is_total", "0") == "0"
    }
    assert shown == {
        tuple(row[name] for name in by): (row["numerator"], row["denominator"])
        for row in expected.to_dict("records")
    }
    filters = ";".join(f"{d}={','.join(c)}" for d, c in sorted(where.items()))
    assert {row["filters"] for row in rows} == {filters}


def test_the_row_of_all_is_the_sum_of_the_filter_and_is_called_so(
    tiny_lake, monkeypatch
):
    drawn = draw_page("county_heatmap", tiny_lake, monkeypatch, **JUNE, group="G1")
    whole, *units = drawn.component("hot_cold_matrix")["rows"]
    assert whole["label"] == "第一督导组"
    groups = {load_registry().units[unit["id"]].group for unit in units}
    assert groups == {"G1"}
    expected = read_rates(
        open_marts(tiny_lake),
        TOPIC,
        where={"supervision_group": ["G1"]},
        months=["2016-06"],
    )
    assert whole["cells"][0]["text"] == wording.percent(expected["rate"].iloc[0])
    assert "class_mark" not in whole["cells"][0]


@pytest.mark.usefixtures("independent_heads")
def test_a_cell_keeps_the_class_that_it_has_in_the_whole_city(tiny_lake, monkeypatch):
    def classes(drawn: Drawn) -> dict[tuple[str, str], tuple[str, str]]:
        return {
            (row["unit"], row["sector"]): (
                row["cell_class"],
                row["p_cold_adjusted"],
            )
            for row in drawn.rows_of("csv-matrix")
            if row["unit"] == "350104"
        }

    city = classes(draw_page("county_heatmap", tiny_lake, monkeypatch, **JUNE))
    choices = {**JUNE, "units": "350104"}
    part = classes(draw_page("county_heatmap", tiny_lake, monkeypatch, **choices))
    assert part == city
    assert any(name for name, _ in city.values())


def test_a_metric_without_sectors_is_filtered_like_others(tiny_lake, monkeypatch):
    units = "350104,350181"
    about = {"metric": "on_time", "month": "2016-05"}
    drawn = draw_page("county_heatmap", tiny_lake, monkeypatch, units=units, **about)
    rows = drawn.rows_of("csv-matrix")
    assert {row["unit"] for row in rows if row["unit"]} == set(units.split(","))


def test_the_rows_behind_a_cell_are_those_of_the_kinds(tiny_lake, monkeypatch):
    place = {"unit": "350104", "sector": "rural", "branch_type": "mobile"}
    drawn = draw_page("sector_gaps", tiny_lake, monkeypatch, **JUNE, **place)
    rows = drawn.rows_of("csv-ledger")
    assert [row["branch"] for row in rows] == ["350104-R0003"]
    assert "1 / 1" in drawn.words


def test_controls_say_what_the_address_says_in_either_language(tiny_lake, monkeypatch):
    choices = {"units": "350181,350104", "is_weak_base": "no", "since": "2016-05"}
    for lang in ("zh", "en"):
        drawn = draw_page(
            "sector_gaps", tiny_lake, monkeypatch, **JUNE, **choices, lang=lang
        )
        app, key = drawn.app, f"choose:sector_gaps:{{}}:{lang}"
        assert app.multiselect(key=key.format("units")).value == ["350104", "350181"]
        assert app.multiselect(key=key.format("is_weak_base")).value == ["no"]
        assert app.selectbox(key=key.format("since")).value == "2016-05"
    chosen = {"units": ["350104"], "is_weak_base": []}
    for name, codes in chosen.items():
        app.multiselect(key=key.format(name)).set_value(codes).run()
    query = {k: v[0] if isinstance(v, list) else v for k, v in app.query_params.items()}
    assert query["units"] == "350104"
    assert "is_weak_base" not in query


def test_a_unit_clicked_in_a_list_that_has_just_got_shorter_is_no_error(
    tiny_lake, monkeypatch
):
    drawn = draw_page("sector_gaps", tiny_lake, monkeypatch, **JUNE, group="G2")
    units = drawn.app.multiselect(key="choose:sector_gaps:units:zh")
    assert "仓山区" not in units.options
    # The browser still had the list of all units: as it would, by its name.
    units.set_value(["350104", "350181"]).run()
    assert not drawn.app.exception
    query = drawn.app.query_params
    assert (query["units"], query["group"]) == ("350181", "G2")


def test_what_a_page_does_not_know_is_carried_but_not_in_its_address(
    tiny_lake, monkeypatch
):
    choices = {"units": "350104", "branch_type": "mobile", "group": "G1"}
    drawn = draw_page("supervision_groups", tiny_lake, monkeypatch, **JUNE, **choices)
    kept = drawn.app.session_state["selection:kept"]
    assert choices.items() <= kept.items()
    (settled,) = (
        element.proto.json or element.proto.bytes
        for element in drawn.app.get("bidi_component")
        if element.proto.component_name == "address"
        and "scroll" in str(element.proto.json or element.proto.bytes)
    )
    said = str(settled).split('"carried"')[0]
    assert "group=G1" in said
    assert "branch_type" not in said.split('"from"')[0]


def test_a_bare_address_says_what_is_shown_in_whatever_order_it_is_written(
    office_lake, monkeypatch
):
    drawn = draw_page("party_building", office_lake, monkeypatch)
    written = {
        element.proto.id.rpartition("-")[2]: json.loads(element.proto.json)
        for element in drawn.app.get("bidi_component")
        if element.proto.component_name == "address"
    }

    def says(*order: str) -> str:
        said = ""  # as ui/address.js does
        for writes in map(written.get, order):
            said = writes["query"] if said in writes["from"] else said
        return said

    # The page has no figure of the metric that the choices begin with.
    assert "metric=dues_ok" in says("settled", "address")
    assert says("address", "settled") == says("settled", "address")


def test_a_metric_without_the_kinds_says_that_it_is_not_filtered(
    office_lake, monkeypatch
):
    choices = {"branch_type": "joint", "month": "2016-07"}
    drawn = draw_page("lectures", office_lake, monkeypatch, **choices)
    assert "没有类型之分\uff0c未按此筛选" in drawn.words
    drawn = draw_page("sector_gaps", office_lake, monkeypatch, **choices)
    assert "未按此筛选" not in drawn.words


def test_a_profile_of_kinds_stands_beside_the_same_kinds(tiny_lake, monkeypatch):
    choices = {"month": "2016-06", "unit": "350104", "branch_type": "mobile,joint"}
    drawn = draw_page("area_profile", tiny_lake, monkeypatch, **choices)
    kinds = {"branch_type": ["joint", "mobile"]}
    marts = open_marts(tiny_lake)

    def rate(**where: list[str]) -> dict[str, object]:
        about = {"where": {**kinds, **where}, "months": ["2016-06"]}
        return read_rates(marts, TOPIC, **about).iloc[0].to_dict()

    rows = {row["metric"]: row for row in drawn.rows_of("csv-profile")}
    here = rate(unit=["350104"])
    assert int(rows[TOPIC]["denominator"]) == here["denominator"]
    assert float(rows[TOPIC]["city"]) == pytest.approx(rate()["rate"])
    by_sector = {
        row["sector"]: int(row["denominator"])
        for row in drawn.rows_of("csv-sectors")
        if row["metric"] == TOPIC
    }
    assert by_sector.pop("") == sum(by_sector.values()) == here["denominator"]
    assert "on_time" not in rows, "ledgers are of no kind of branches"
    assert "项指标没有类型之分，不在其中" in drawn.words


def test_a_weak_list_of_kinds_holds_their_branches_alone(weak_lake, monkeypatch):
    about = {"month": "2016-07"}
    roll = read_roll(open_marts(weak_lake))
    every = draw_page("weak_organizations", weak_lake, monkeypatch, **about)
    seen = set()
    for code in load_registry().words("branch_type").values():
        about["branch_type"] = code
        drawn = draw_page("weak_organizations", weak_lake, monkeypatch, **about)
        own = set(roll.loc[roll["branch_type"] == code, "branch"])
        if not own:
            continue
        listed = drawn.files.get("csv-weak_order")
        rows = drawn.rows_of("csv-weak_order") if listed else []
        assert {row["branch"] for row in rows} <= own
        seen |= {row["branch"] for row in rows}
    assert seen == {row["branch"] for row in every.rows_of("csv-weak_order")}


@pytest.mark.parametrize("kind", ["place", "month"])
def test_both_sides_of_a_comparison_are_of_the_kinds(kind, tiny_lake, monkeypatch):
    choices = {**JUNE, "branch_type": "ordinary", "unit": "350104", "kind": kind}
    drawn = draw_page("compare", tiny_lake, monkeypatch, **choices, scope="theme")
    marts = open_marts(tiny_lake)
    there = {"with_place": {}, "with_month": {"unit": ["350104"]}}[f"with_{kind}"]
    sides = (({"unit": ["350104"]}, "2016-06"), (there, None))
    rows = drawn.rows_of(f"csv-compare_{kind}")
    assert TOPIC in {row["metric"] for row in rows}
    for row in rows:
        other = "2016-05" if kind == "month" else "2016-06"
        for prefix, (where, month) in zip(("", "other_"), sides, strict=True):
            expected = read_rates(
                marts,
                row["metric"],
                where={**where, "branch_type": ["ordinary"]},
                months=[month or other],
            )
            denominators = expected["denominator"].to_list() or [0]
            assert [int(row[f"{prefix}denominator"])] == denominators


def test_kinds_without_a_place_are_compared_with_a_place(tiny_lake, monkeypatch):
    choices = {**JUNE, "branch_type": "ordinary", "kind": "place"}
    (row,) = draw_page("compare", tiny_lake, monkeypatch, **choices).rows_of(
        "csv-compare_place"
    )
    assert row["compared"] != row["compared_with"]


@pytest.mark.parametrize(
    "page",
    [
        *("branch", "leader_participation", "ledger_calendar", "ledger_quality"),
        *("lectures", "organization_life", "problems", "reported_vs_verified"),
        *("sector_gaps", "special_groups", "talks", "topics_and_speaking"),
        *("weak_organizations",),
    ],
)
def test_a_page_with_nothing_says_what_narrows_it_and_offers_to_drop_it(
    page, office_lake, monkeypatch
):
    """市直机关 has no 农村: whoever comes from there with the sector sees nothing."""
    here = {"month": "2016-07", "unit": "ZSJG", "sector": "rural"}
    words = draw_page(page, office_lake, monkeypatch, **here).words
    assert words.count("当前筛选（点击去掉一项）：") == 1
    offered = dict(re.findall(r"\[(\S+) ×\]\(\./\w+\?(\S+)\)", words))
    unit, sector = offered
    assert (unit, sector[:2]) == ("市直机关", "农村")
    assert "unit=" not in offered[unit]
    assert "sector=rural" in offered[unit]
    assert "sector=" not in offered[sector]
    assert "unit=ZSJG" in offered[sector]


def test_where_nothing_narrows_a_page_nothing_is_offered(office_lake, monkeypatch):
    for page in ("talks", "weak_organizations", "examples", "problems"):
        drawn = draw_page(page, office_lake, monkeypatch, month="2016-04")
        assert "点击去掉" not in drawn.words


def test_no_heading_stands_over_a_list_without_rows(office_lake, monkeypatch):
    here = {"month": "2016-07", "unit": "ZSJG", "sector": "rural"}
    for page in ("talks", "weak_organizations", "problems"):
        app = draw_page(page, office_lake, monkeypatch, **here).app
        assert not {"候选", "督办次序", "问题清单"} & set(headings_of(app))


def test_a_course_of_months_begins_where_the_reader_says(tiny_lake, monkeypatch):
    place = {"unit": "350104", "sector": "rural", "since": "2016-05"}
    drawn = draw_page("sector_gaps", tiny_lake, monkeypatch, **JUNE, **place)
    months = {row["month"] for row in drawn.rows_of("csv-months")}
    assert months == {"2016-05", "2016-06"}


def test_lists_of_checks_keep_the_selected_ways_of_choosing(checked_lake, monkeypatch):
    def listed(**choices: str) -> tuple[set[str], list[dict[str, str]]]:
        about = {"metric": TOPIC, "month": "2016-07", **choices}
        drawn = draw_page("reported_vs_verified", checked_lake, monkeypatch, **about)
        ways = {row["selection"] for row in drawn.rows_of("csv-selections")}
        return ways, drawn.rows_of("csv-sector")

    every, estimates = listed()
    assert every == {"random", "targeted", "prepared"}
    assert listed(checks="random") == ({"random"}, estimates)
    # The estimate is of random checks alone, whatever is listed.
    assert listed(checks="targeted") == ({"targeted"}, estimates)

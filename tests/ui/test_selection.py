"""Choices come from the address, go into the address, and say so when they cannot."""

from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from data_pipeline.registry import load_registry
from tests.pages.drawn import headings_of
from ui.lake import LAKE_VARIABLE
from ui.selection import Selection, read

PROJECT = Path(__file__).resolve().parents[2]
MONTHS = ("2016-04", "2016-05", "2016-06", "2016-07")
DEEP = {
    "metric": "member_speaking",
    "month": "2016-06",
    "compare": "target",
    "group": "G2",
    "unit": "350181",
    "sector": "rural",
    "township": "龙田镇",
    "branch": "350181-R0001",
    "lang": "en",
}


def choose(**parameters: str) -> Selection:
    return read(parameters, load_registry(), MONTHS)


def test_an_empty_address_is_the_city_in_the_last_month_with_data():
    assert choose() == Selection(metric="topic_2_coverage", month="2016-07")
    # The topic that the shown month is about, not the first of a list.
    assert choose(month="2016-06").metric == "topic_1_coverage"


def test_every_choice_of_an_address_is_taken_and_written_back_the_same():
    chosen = choose(**DEEP)
    assert chosen.faults == ()
    assert chosen.query() == DEEP
    assert chosen.where == {
        "supervision_group": ("G2",),
        "unit": ("350181",),
        "sector": ("rural",),
        "township": ("龙田镇",),
    }


def test_codes_in_the_address_do_not_depend_on_the_language():
    zh, en = choose(**DEEP | {"lang": "zh"}), choose(**DEEP)
    assert zh.query() == en.query() | {"lang": "zh"}


def test_metric_month_and_language_always_stand_in_the_address():
    assert choose().query() == {
        "metric": "topic_2_coverage",
        "month": "2016-07",
        "lang": "zh",
    }


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"unit": "350199"},
            "链接中的单位“350199”无法识别，已改用“全市”。",
        ),
        (
            {"metric": "topic_9"},
            "链接中的指标“topic\\_9”无法识别，已改用“第二专题覆盖率”。",
        ),
        (
            {"month": "2016-12"},
            "链接中的统计月份“2016-12”没有数据，已改用“2016年7月”。",
        ),
        (
            {"month": "1999-01"},
            "链接中的统计月份“1999-01”无法识别，已改用“2016年7月”。",
        ),
        (
            {"sector": "army", "lang": "en"},
            'The link has an unknown value for Sector, "army"; '
            '"Overall" is shown instead.',
        ),
        (
            {"since": "2016-07", "month": "2016-06"},
            "链接中的起始月份“2016-07”晚于所选统计月份，已改用“自开始”。",
        ),
        (
            {"lang": "fr"},
            "链接中的语言“fr”无法识别，已改用“中文”。",
        ),
        (
            {"township": "龙田镇"},
            "链接中有乡镇街道“龙田镇”，但没有可识别的单位，已略去。",
        ),
    ],
)
def test_a_value_that_is_not_known_falls_back_and_says_so(parameters, sentence):
    chosen = choose(**parameters)
    assert [fault.replace("\\-", "-") for fault in chosen.faults] == [sentence]
    assert choose(**chosen.query()).faults == ()


def test_a_fault_shows_what_stood_in_the_link_without_drawing_it():
    (fault,) = choose(unit="![x](http://a.example/b)" + "y" * 500).faults
    assert "![" not in fault
    assert len(fault) < 200


def test_a_unit_may_be_given_by_its_name_or_its_code_of_2016():
    assert choose(unit="长乐市").unit == choose(unit="350182").unit == "350112"


def test_a_change_of_unit_forgets_the_township_and_branch_below_it():
    changed = choose(**DEEP).change(unit="350112")
    assert (changed.unit, changed.sector) == ("350112", "rural")
    assert (changed.township, changed.branch) == (None, None)


def test_a_change_of_township_keeps_unit_and_sector():
    changed = choose(**DEEP).change(township="海口镇")
    assert (changed.unit, changed.sector) == ("350181", "rural")
    assert (changed.township, changed.branch) == ("海口镇", None)


def test_a_link_carries_the_choices_but_not_what_belongs_to_its_page():
    chosen = choose(part="rules", metric="on_time", month="2016-05")
    assert chosen.query()["part"] == "rules"
    address = urlsplit(chosen.link("definitions", unit="350181"))
    assert parse_qs(address.query) == {
        "metric": ["on_time"],
        "month": ["2016-05"],
        "unit": ["350181"],
        "lang": ["zh"],
    }


def test_a_township_survives_the_way_through_a_link():
    address = urlsplit(choose(**DEEP).link("definitions", township="A&B 镇=1"))
    assert choose(**dict(parse_qsl(address.query))).township == "A&B 镇=1"


def test_the_place_reads_from_the_top_down_in_both_languages():
    deep = {k: DEEP[k] for k in ("unit", "sector", "township")}
    assert choose(**deep).place == "福清市 · 农村 · 龙田镇"
    assert choose(**deep, lang="en").place == "Fuqing · Villages · 龙田镇"
    assert choose().place == "全市"


@pytest.fixture
def app(tiny_lake, monkeypatch) -> AppTest:
    monkeypatch.setenv(LAKE_VARIABLE, str(tiny_lake))
    return AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)


def address_of(app: AppTest) -> dict[str, str]:
    """The parameters; AppTest gives a list for what the test itself has put there."""
    return {
        key: value[0] if isinstance(value, list) else value
        for key, value in app.query_params.items()
    }


def test_a_click_on_a_widget_stands_in_the_address(app):
    app.query_params["month"] = "2016-05"
    app.run()
    app.segmented_control(key="choose:lang").set_value("en").run()
    app.switch_page("pages/method/definitions.py").run()
    assert app.title[0].value == "Definitions"
    app.segmented_control(key="choose:definitions:part:en").set_value("rules").run()
    assert headings_of(app)[0] == "Returned whole"
    assert address_of(app) == {
        "metric": "topic_1_coverage",
        "month": "2016-05",
        "lang": "en",
        "part": "rules",
    }


def test_the_menu_drops_the_query_but_the_session_keeps_the_choices(app):
    app.query_params["month"] = "2016-05"
    app.query_params["lang"] = "en"
    app.run()
    app.query_params.clear()
    app.switch_page("pages/method/definitions.py").run()
    assert app.title[0].value == "Definitions"
    address = app.session_state["selection:kept"]
    assert address["month"] == "2016-05"


def test_a_widget_follows_the_address_when_the_reader_goes_back(app):
    app.query_params["part"] = "rules"
    app.query_params["lang"] = "zh"
    app.switch_page("pages/method/definitions.py").run()
    app.segmented_control(key="choose:definitions:part:zh").set_value("glossary").run()
    app.query_params["part"] = "rules"
    app.run()
    assert app.segmented_control(key="choose:definitions:part:zh").value == "rules"
    assert headings_of(app)[0] == "违反即整份退回"


def test_a_click_is_added_to_one_that_its_browser_has_no_answer_to_yet(app):
    """As on a slow network: it comes with the address that stood there before."""
    page, key = "pages/gaps/county_heatmap.py", "choose:county_heatmap:{}:zh"
    stood = {"metric": "topic_1_coverage", "month": "2016-06", "lang": "zh"}

    def say(address: dict[str, str]) -> None:
        app.query_params.clear()
        app.query_params.update(address)

    def click(name: str, code: str) -> None:
        app.segmented_control(key=key.format(name)).set_value(code).run()

    say(stood)
    app.switch_page(page).run()
    click("sector", "rural")
    say(stood)
    click("compare", "target")
    assert address_of(app) == stood | {"sector": "rural", "compare": "target"}
    say(stood | {"sector": "rural"})  # the first answer has come, the second has not
    click("basis", "verified")
    both = stood | {"sector": "rural", "compare": "target"}
    assert address_of(app) == both | {"basis": "verified"}
    # Who has gone back is where the address says.
    say(stood)
    app.run()
    click("compare", "target")
    assert address_of(app) == stood | {"compare": "target"}


def test_what_a_closed_filter_still_held_is_no_choice(app):
    key = "choose:sector_gaps:{}:zh".format
    app.query_params.update(month="2016-06", group="G2", lang="zh")
    app.switch_page("pages/gaps/sector_gaps.py").run()
    app.selectbox(key=key("unit")).set_value("350104").run()
    assert "group" not in address_of(app)
    # Nobody has opened the filter since: its control comes back as it was.
    app.selectbox(key=key("group")).set_value("G2")
    app.selectbox(key=key("sector")).set_value("rural").run()
    address = address_of(app)
    assert (address["unit"], address["sector"]) == ("350104", "rural")
    assert "group" not in address
    app.selectbox(key=key("group")).set_value("G2").run()
    assert address_of(app)["group"] == "G2"


def test_what_a_link_requested_in_vain_is_said_on_the_screen(app):
    app.query_params["unit"] = "350199"
    app.query_params["month"] = "2016-12"
    app.run()
    (warning,) = app.warning
    assert "350199" in warning.value
    assert "2016年12月" not in warning.value
    assert warning.value.count("链接中的") == 2

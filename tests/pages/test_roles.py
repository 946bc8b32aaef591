"""Who may see what: by the server's table alone, at every click, in every file."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import pytest

from data_pipeline.registry import RegistryError
from data_pipeline.store import audit
from data_pipeline.store.lake import Lake
from reports.words import catalogue
from tests.pages.drawn import PROJECT, draw_page, tables_of
from tests.pages.logged_in import ROLES, configure_login, cookie, give_roles
from tests.tiny_city import ORGANS, build_tiny_city, write_workbook
from ui import menu, roles
from ui.menu import PAGES, pages

EVERYBODY = {"office", "leadership", "analyst", "group"}
# Said here once more, by hand: what menu.toml lets go must be seen by this test.
NOT_FOR_ALL = {
    "bulletin": {"office", "leadership", "analyst"},
    "branch": {"office", "analyst", "group"},
    "weak_organizations": {"office", "analyst", "group"},
    "problems": {"office", "analyst", "group"},
    "talks": {"office", "analyst", "group"},
    "check_planner": {"office", "analyst"},
    "ledger_quality": {"office", "analyst", "group"},
    "ledger_calendar": {"office", "analyst", "group"},
    "submissions": {"office", "group"},
    "roles": {"office"},
}
REFUSED = catalogue.text("zh", "roles.not_yours.title")
LOG_IN = catalogue.text("zh", "roles.barred.logged_out")


@pytest.fixture(scope="module")
def login(tmp_path_factory):
    """This process asks for a login."""
    undo = configure_login(tmp_path_factory.mktemp("secrets"))
    yield
    undo()


@pytest.fixture(scope="module")
def shared(tiny_lake, tmp_path_factory, login):  # noqa: ARG001 (with a login)
    """The tiny city with a table of roles, to be read only."""
    lake = shutil.copytree(tiny_lake, tmp_path_factory.mktemp("roles") / "lake")
    give_roles(lake)
    return lake


@pytest.fixture
def lake(copy_lake, login):  # noqa: ARG001 (with a login)
    root = copy_lake(build_tiny_city)
    give_roles(root)
    return root


def menu_of(page) -> set[str]:
    drawn = json.loads(page.component("menu")["menu"])
    entries = (entry for section in drawn["sections"] for entry in section["pages"])
    return {re.sub(r"^\./|\?.*", "", entry["to"]) or "overview" for entry in entries}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", NOT_FOR_ALL)
def test_a_page_that_is_not_for_all_is_drawn_for_whom_it_is(
    name, role, shared, monkeypatch
):
    kind = "group" if role.startswith("G") else role
    page = draw_page(name, shared, monkeypatch, user=cookie(role))
    titles = [title.value for title in page.app.title]
    if kind not in NOT_FOR_ALL[name]:
        assert titles == [REFUSED]
        assert page.files == {}
    elif role == "G3" and name != "submissions":
        assert titles == ["本组还没有报送台账"]
    else:
        assert titles == [pages()[name].title("zh")]


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_shows_what_one_may_open_and_no_more(role, shared, monkeypatch):
    kind = "group" if role.startswith("G") else role
    page = draw_page("definitions", shared, monkeypatch, user=cookie(role))
    allowed = {n for n in pages() if kind in NOT_FOR_ALL.get(n, EVERYBODY)}
    assert menu_of(page) == allowed


def leads_to(page) -> set[str]:
    """The pages that anything drawn on this one links to."""
    links, blocks = set(), [page.app._tree]
    while blocks:
        block = blocks.pop()
        links |= set(re.findall(r"\./([a-z_]+)", str(getattr(block, "proto", ""))))
        blocks += getattr(block, "children", {}).values()
    links |= {link.proto.page for link in page.app.get("page_link")}
    return links & set(pages())


@pytest.mark.parametrize("role", ["leadership", "analyst", "G1"])
def test_no_page_leads_to_one_that_is_closed(role, shared, monkeypatch):
    kind = "group" if role.startswith("G") else role
    open_to_him = {n for n in pages() if kind in NOT_FOR_ALL.get(n, EVERYBODY)}
    found = {}
    for name in open_to_him:
        page = draw_page(name, shared, monkeypatch, user=cookie(role), unit="350104")
        found[name] = leads_to(page) - open_to_him
    assert found == dict.fromkeys(open_to_him, set())


@pytest.fixture
def closed(monkeypatch):
    """A page that stands in the registry alone, closed to all but the leadership."""
    name = "organization_life"
    monkeypatch.setitem(menu._LISTED["open_to"], name, ["leadership"])
    monkeypatch.setitem(menu._OPEN_TO, name, ("office", "leadership"))
    return name


@pytest.mark.parametrize("role", ROLES)
def test_a_page_of_the_registry_can_be_closed_like_any_other(
    role, closed, shared, monkeypatch
):
    is_his = role in ("office", "leadership")
    about = {"user": cookie(role), "unit": "350104", "metric": "topic_1_coverage"}
    page = draw_page(closed, shared, monkeypatch, **about)
    assert (closed in menu_of(page)) == is_his
    assert bool(page.files) == is_his
    if not is_his:
        assert [title.value for title in page.app.title] == [REFUSED]
        for name in ("definitions", "area_profile"):
            about |= {"part": "metrics"}
            other = draw_page(name, shared, monkeypatch, **about)
            assert closed not in leads_to(other)


def test_a_name_that_menu_toml_misspells_is_refused(monkeypatch):
    doors = menu._LISTED["open_to"]
    monkeypatch.setitem(doors, "part_building", ["leadership"])
    monkeypatch.setitem(doors, "branch", ["analist"])
    menu._menu.cache_clear()
    with pytest.raises(RegistryError) as refused:
        menu.menu()
    place = "ui/menu.toml: open_to"
    assert refused.value.faults == (
        f"{place}, key branch: 'analist' is not known; did you mean 'analyst'?",
        f"{place}: 'part_building' is not known; did you mean 'party_building'?",
    )


def test_every_page_asks_who_reads_before_anything_else():
    found = sorted((PROJECT / "pages").glob("*/*.py"))
    assert len(found) == len(PAGES) + 1
    for path in found:
        body = ast.parse(path.read_text("utf-8")).body[1:]
        first = next(
            node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)
        )
        name = path.stem
        expected = (
            "selection.current_page()" if name == "standard_page" else f"'{name}'"
        )
        assert ast.unparse(first) == f"require({expected})", path


@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        ({}, LOG_IN),
        ({"sub": "office", "iat": 4e9}, LOG_IN),
        (cookie("office") | {"is_logged_in": False}, LOG_IN),
        (cookie("nobody"), "nobody"),
        (cookie(""), catalogue.text("zh", "roles.barred.no_role", subject="")),
        (cookie("office", hours_ago=13), "登录已过期"),
        (cookie("office", hours_ago=-1), "登录已过期"),
        (cookie("office") | {"iat": None}, "登录已过期"),
        (cookie("office") | {"iat": "soon"}, "登录已过期"),
    ],
)
@pytest.mark.parametrize("name", ["overview", "branch", "submissions"])
def test_who_is_not_known_sees_the_door_alone(
    name, user, sentence, shared, monkeypatch
):
    page = draw_page(name, shared, monkeypatch, user=user)
    assert sentence in page.words
    assert [title.value for title in page.app.title] == ["两学一做 督导工作台"]
    assert page.app.get("bidi_component") == []
    assert page.files == {}


def test_a_table_that_cannot_be_used_lets_nobody_in_and_says_why(lake, monkeypatch):
    give_roles(lake, "analyst")
    page = draw_page("overview", lake, monkeypatch, user=cookie("analyst"))
    assert "至少要留一位综合组人员" in page.app.error[0].value
    assert page.app.get("bidi_component") == []


@pytest.mark.parametrize("name", ["county_heatmap", "organization_life"])
def test_a_role_that_is_taken_away_is_gone_at_the_next_click(name, lake, monkeypatch):
    page = draw_page(name, lake, monkeypatch, user=cookie("analyst"))
    make = next(file for key, (_, file) in page.files.items() if "csv" in key)
    assert make()
    give_roles(lake, "office", "G1")
    page.app.run()
    assert "登录标识" in page.words
    assert page.app.get("bidi_component") == []
    with pytest.raises(PermissionError):
        make()


def test_another_role_is_in_force_at_the_next_click(lake, monkeypatch):
    page = draw_page("branch", lake, monkeypatch, user=cookie("analyst"))
    assert [title.value for title in page.app.title] == ["支部"]
    path = lake / "access" / "roles.toml"
    swapped = path.read_text().replace('role = "analyst"', 'role = "leadership"')
    path.write_text(swapped)
    page.app.run()
    assert [title.value for title in page.app.title] == [REFUSED]


def test_leadership_sees_neither_rows_nor_files_of_them(shared, monkeypatch):
    place = {"unit": "350104", "sector": "rural", "branch": "350104-R0001"}
    about = {"metric": "topic_1_coverage", "month": "2016-07", **place}
    for role, is_shown in (("analyst", True), ("leadership", False)):
        page = draw_page("sector_gaps", shared, monkeypatch, user=cookie(role), **about)
        assert ("城门第1支部" in repr(page.app) or "R0001" in page.words) == is_shown
        rows = [key for key in page.files if key.endswith(("-ledger", "-branch"))]
        assert bool(rows) == is_shown


def test_without_a_login_there_is_one_reader_with_every_role(
    tiny_lake,
    tmp_path,
    login,  # noqa: ARG001 (which is taken away)
    monkeypatch,
):
    undo = configure_login(tmp_path, secrets="")
    try:
        for lang, words in (
            ("zh", "未设登录"),
            ("en", "No login"),
        ):
            page = draw_page("overview", tiny_lake, monkeypatch, lang=lang)
            assert words in page.words
        assert menu_of(page) == set(pages())
    finally:
        undo()


def upload(page, folder: Path, name: str = "07.xlsx"):
    """市直机关's July, which is of the fourth group, dropped on 上报."""
    row = list(ORGANS["2016-07"][0])
    row[12] = 1
    write_workbook(folder / name, "台账", [tuple(row)], "口径: 当月")
    file = (name, (folder / name).read_bytes(), "application/octet-stream")
    page.app.file_uploader[0].set_value([file]).run()
    assert not page.app.exception
    return page


def test_a_group_files_its_own_units_whatever_the_address_says(
    lake, tmp_path, monkeypatch
):
    page = draw_page("submissions", lake, monkeypatch, user=cookie("G4"), group="G1")
    upload(page, tmp_path)
    assert "罗源" not in page.words and "仓山" not in page.words
    assert re.search("改动 [0-9]+ 行", page.words)
    (confirm,) = (b for b in page.app.button if (b.key or "").startswith("confirm-"))
    confirm.click().run()
    assert not page.app.exception
    filed = Lake(lake).submissions()[-1]
    assert (filed.file, filed.group, filed.rows) == ("07.xlsx", "G4", {"ledger": 1})


def test_another_groups_unit_is_refused(lake, tmp_path, monkeypatch):
    n_before = len(Lake(lake).submissions())
    page = draw_page("submissions", lake, monkeypatch, user=cookie("G1"), group="G4")
    upload(page, tmp_path)
    (findings,) = (d for d in tables_of(page.app) if "代码" in d)
    assert set(findings["代码"]) == {"E_SCOPE"}
    assert not [b for b in page.app.button if (b.key or "").startswith("confirm-")]
    assert len(Lake(lake).submissions()) == n_before


def test_a_group_can_withdraw_nothing_of_others(lake, monkeypatch):
    others = Lake(lake).submissions()[0].id
    about = {"withdraw": others, "group": "G4"}
    page = draw_page("submissions", lake, monkeypatch, user=cookie("G1"), **about)
    assert [b for b in page.app.button if b.label == "撤回"] == []
    page = draw_page("submissions", lake, monkeypatch, user=cookie("office"), **about)
    assert "撤回" in page.words


@pytest.mark.parametrize("act", ["file", "draw", "issue", "give_roles"])
def test_who_may_not_do_a_thing_is_stopped_where_it_is_done(act):
    may = {
        "file": {"office", "G1"},
        "draw": {"office"},
        "issue": {"office"},
        "give_roles": {"office"},
    }
    found = {r for r in ROLES[:4] if roles.Reader("somebody", r).may(act)}
    assert found == may[act]


def test_a_circular_that_the_office_takes_along_is_on_record(lake, monkeypatch):
    for role in ("analyst", "office"):
        page = draw_page("bulletin", lake, monkeypatch, user=cookie(role))
        assert page.bytes_of("docx-bulletin").startswith(b"PK")
    # Other tests of this lake have exported.
    acts = audit.read_record(lake).acts
    (act,) = (act for act in acts if act.action == "bulletin_issued")
    assert act.actor == "office"
    assert (act.details["month"], act.details["form"]) == ("2016-07", "docx")

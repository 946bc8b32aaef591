"""角色: the office gives and takes roles, one sentence a fault, all of it on record."""

from __future__ import annotations

import pytest

from data_pipeline.registry import load_registry
from data_pipeline.store import audit
from data_pipeline.store.role_table import Person, RoleFault, read_roles
from tests.pages.drawn import draw_page, tables_of
from tests.pages.logged_in import configure_login, cookie, give_roles
from tests.tiny_city import build_tiny_city

GROUPS = ("G1", "G2", "G3", "G4")


@pytest.fixture
def lake(copy_lake, tmp_path):
    root = copy_lake(build_tiny_city)
    give_roles(root, "office", "G1")
    undo = configure_login(tmp_path)
    yield root
    undo()


@pytest.fixture
def page(lake, monkeypatch):
    return draw_page("roles", lake, monkeypatch, user=cookie("office"))


def texts(page, name: str) -> list:
    return [one for one in page.app.text_input if one.key.startswith(f"{name}-")]


def roles_of(page) -> list:
    return [one for one in page.app.selectbox if one.key.startswith("role-")]


def save(page) -> None:
    next(b for b in page.app.button if b.label == "保存角色表").click().run()
    assert not page.app.exception


def people(lake) -> tuple[Person, ...]:
    return read_roles(lake, GROUPS).people


def test_a_person_is_added_changed_and_removed_and_each_is_on_record(page, lake):
    texts(page, "subject")[-1].set_value(" carl ")
    texts(page, "note")[-1].set_value("数据组")
    roles_of(page)[-1].set_value("analyst")
    save(page)
    assert "已保存" in page.app.success[0].value
    assert not page.app.error
    carl = Person("carl", "analyst", "数据组")
    office, group = Person("office", "office"), Person("G1", "G1")
    assert people(lake) == (office, group, carl)
    roles_of(page)[1].set_value("")
    roles_of(page)[2].set_value("G2")
    page.app.number_input[0].set_value(8)
    save(page)
    assert people(lake) == (office, Person("carl", "G2", "数据组"))
    assert read_roles(lake, GROUPS).session_hours == 8
    # The lake that this one is a copy of may have been exported from.
    acts = audit.read_record(lake).acts
    recorded = [dict(act.details) for act in acts if act.action == "roles_changed"]
    assert recorded == [
        {"roles": ["carl: – → analyst"]},
        {
            "roles": ["G1: G1 → –", "carl: analyst → G2"],
            "session_hours": "12 → 8",
        },
    ]
    rows = tables_of(page.app)[-1]
    rows = rows[rows["操作"] == "改动角色"].reset_index(drop=True)
    assert list(rows["操作人"]) == ["office", "office"]
    assert "carl：分析员 → 第二督导组" in rows["详情"][0]
    assert "G1：第一督导组 → –" in rows["详情"][0]


def test_an_act_tells_details_and_metrics_that_nobody_knows_any_more(lake, monkeypatch):
    known = {"metrics": ["leader_attendance", "of_old"], "of_old": "x"}
    audit.record(lake, "office", "exported_unsuppressed", **known)
    page = draw_page("roles", lake, monkeypatch, user=cookie("office"))
    rows = tables_of(page.app)[-1]
    label = load_registry().metrics["leader_attendance"].label_zh
    assert f"指标 {label}、of_old · of_old x" in set(rows["详情"])


def test_the_last_office_stays(page, lake):
    before = people(lake)
    roles_of(page)[0].set_value("leadership")
    save(page)
    assert "至少要留一位综合组人员" in page.app.error[0].value
    assert people(lake) == before


def test_every_fault_has_its_sentence_and_nothing_is_saved(page, lake):
    before = people(lake)
    texts(page, "subject")[-1].set_value("G1")
    texts(page, "note")[0].set_value("字" * 61)
    save(page)
    said = [error.value for error in page.app.error]
    assert len(said) == 2
    assert "第 1 行" in said[0] and "太长" in said[0]
    assert "第 3 行" in said[1] and "重复" in said[1]
    assert people(lake) == before


def test_what_another_has_saved_meanwhile_is_not_overwritten(page, lake):
    give_roles(lake, "office", "G1", "analyst")
    roles_of(page)[1].set_value("G2")
    save(page)
    assert people(lake) == tuple(
        Person(name, name) for name in ("office", "G1", "analyst")
    )
    # He is told, and sees the table as it is now.
    (said,) = [error.value.replace("\\", "") for error in page.app.error]
    assert said == RoleFault("changed").sentence("zh")
    assert [one.value for one in texts(page, "subject")[:-1]] == [
        *("office", "G1", "analyst")
    ]
    page.app.run()
    assert not page.app.error


@pytest.mark.parametrize("role", ["G1", "analyst"])
def test_nobody_but_the_office_opens_it(role, lake, monkeypatch):
    give_roles(lake, "office", role)
    page = draw_page("roles", lake, monkeypatch, user=cookie(role))
    assert [title.value for title in page.app.title] == ["这一页不对您的角色开放"]
    assert page.app.text_input == [] or not texts(page, "subject")


def test_a_touched_record_is_named_above_it(lake, monkeypatch):
    first, _ = (
        audit.record(lake, "office", "bulletin_issued", month="2016-07")
        for _ in range(2)
    )
    path = lake / "access" / "audit" / f"{first.sequence:06d}.json"
    written = path.read_text()
    assert "2016-07" in written
    path.write_text(written.replace("2016-07", "2016-08"))
    page = draw_page("roles", lake, monkeypatch, user=cookie("office"))
    assert f"access/audit/{path.name}" in page.app.error[0].value.replace("\\", "")


def test_where_on_the_server_a_file_went_is_not_shown(lake, monkeypatch):
    about = {"metrics": ["member_speaking"], "snapshot": "s"}
    to = "/srv/exports/all.csv"
    audit.record(lake, "command", "exported_unsuppressed", **about, to=to)
    drawn = draw_page("roles", lake, monkeypatch, user=cookie("office"))
    said = " ".join(tables_of(drawn.app)[-1]["详情"])
    assert "文件 all.csv" in said
    assert "/srv" not in said

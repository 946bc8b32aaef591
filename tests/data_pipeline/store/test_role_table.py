"""The table of roles: a sentence per fault, and never a desk without an office."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.store import audit, role_table
from data_pipeline.store.role_table import Person, RolesError, RoleTable

GROUPS = ("G1", "G2")
ANNA, BO = Person("anna", "office", "综合组"), Person("bo", "G1")


def write(root: Path, content: str) -> None:
    path = role_table.roles_path(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")


def save(root: Path, before: RoleTable, *people: Person, hours: int = 12) -> RoleTable:
    after = RoleTable(people, hours)
    role_table.save_roles(root, before, after, GROUPS, "anna")
    return role_table.read_roles(root, GROUPS)


@pytest.fixture
def first(tmp_path: Path) -> RoleTable:
    """A table with an office and somebody of the first group."""
    write(
        tmp_path,
        """
session_hours = 8
[[person]]
subject = "anna"
role = "office"
note = "综合组"
[[person]]
subject = "bo"
role = "G1"
""",
    )
    return role_table.read_roles(tmp_path, GROUPS)


def test_a_table_is_read_as_it_was_written(first):
    assert first == RoleTable((ANNA, BO), 8, ())
    roles = {who: first.role_of(who) for who in ("anna", "bo", "carl", "")}
    assert roles == {"anna": "office", "bo": "G1", "carl": None, "": None}


def test_a_saved_table_says_the_same_when_it_is_read(first, tmp_path):
    strange = Person("x\"\\ü'🙂#=[", "leadership", '一 “二” \\ "三"')
    saved = save(tmp_path, first, ANNA, strange)
    assert saved == RoleTable((ANNA, strange), 12, ())


def test_a_role_is_gone_as_soon_as_the_table_is_saved(first, tmp_path):
    save(tmp_path, first, ANNA)
    assert role_table.read_roles(tmp_path, GROUPS).role_of("bo") is None


FAULTS = [
    ('[[person]]\nsubject="a"\nrole="G1"', ["no_office"]),
    ("", ["no_office"]),
    ('[[person]]\nsubject="a"\nrole="office"\nrole="office"', ["no_toml"]),
    ('person = "anna"', ["no_people"]),
    ('[[person]]\nsubject=""\nrole="office"', ["no_subject"]),
    ('[[person]]\nrole="office"', ["no_subject"]),
    ('[[person]]\nsubject="a"\nrole="admin"', ["no_role", "no_office"]),
    ('[[person]]\nsubject="a"\nrole="G3"', ["no_role", "no_office"]),
    ('[[person]]\nsubject="a"\nrole=["office"]', ["no_role", "no_office"]),
    ('[[person]]\nsubject=7\nrole="office"', ["no_text"]),
    ('[[person]]\nsubject="a\\u0000"\nrole="office"', ["no_text"]),
    ('[[person]]\nsubject=" a"\nrole="office"', ["blanks"]),
    ('[[person]]\nsubject="' + "a" * 256 + '"\nrole="office"', ["too_long"]),
    ('[[person]]\nsubject="a"\nrole="office"\nunit="x"', ["unknown_key"]),
    ('hours = 3\n[[person]]\nsubject="a"\nrole="office"', ["unknown_key"]),
    ('session_hours=0\n[[person]]\nsubject="a"\nrole="office"', ["hours"]),
    ('session_hours=true\n[[person]]\nsubject="a"\nrole="office"', ["hours"]),
    ('session_hours="8"\n[[person]]\nsubject="a"\nrole="office"', ["hours"]),
    (
        '[[person]]\nsubject="a"\nrole="office"\n[[person]]\nsubject="a"\nrole="G1"',
        ["twice"],
    ),
]


@pytest.mark.parametrize(("content", "kinds"), FAULTS)
def test_a_table_with_a_fault_gives_nobody_a_role_and_says_why(
    content, kinds, tmp_path
):
    write(tmp_path, content)
    table = role_table.read_roles(tmp_path, GROUPS)
    assert [fault.kind for fault in table.faults] == kinds
    assert table.role_of("a") is None
    for fault in table.faults:
        assert fault.sentence("zh").endswith("。")
        assert fault.sentence("en").endswith(".")


def test_without_a_table_nobody_has_a_role(tmp_path):
    table = role_table.read_roles(tmp_path, GROUPS)
    assert [fault.kind for fault in table.faults] == ["no_table"]
    assert table.role_of("anna") is None


@pytest.mark.parametrize(
    ("people", "kind"),
    [
        ((BO,), "no_office"),
        ((), "no_office"),
        ((ANNA, Person("anna", "analyst")), "twice"),
    ],
)
def test_a_table_that_would_not_do_is_refused_and_nothing_changes(
    first, tmp_path, people, kind
):
    with pytest.raises(RolesError) as refused:
        save(tmp_path, first, *people)
    assert [fault.kind for fault in refused.value.faults] == [kind]
    assert role_table.read_roles(tmp_path, GROUPS) == first
    assert audit.read_record(tmp_path).acts == ()


def test_saving_over_anothers_change_is_refused_and_nothing_changes(first, tmp_path):
    second = save(tmp_path, first, ANNA)
    with pytest.raises(RolesError) as refused:
        save(tmp_path, first, ANNA, BO, Person("carl", "analyst"))
    assert [fault.kind for fault in refused.value.faults] == ["changed"]
    assert role_table.read_roles(tmp_path, GROUPS) == second


def test_every_change_of_roles_is_on_record(first, tmp_path):
    second = save(tmp_path, first, ANNA, Person("bo", "analyst"), hours=8)
    save(tmp_path, second, ANNA, Person("carl", "G2"), hours=9)
    acts = audit.read_record(tmp_path).acts
    assert [(act.actor, act.action) for act in acts] == [("anna", "roles_changed")] * 2
    assert [dict(act.details) for act in acts] == [
        {"roles": ["bo: G1 → analyst"]},
        {"roles": ["bo: analyst → –", "carl: – → G2"], "session_hours": "8 → 9"},
    ]

"""Who may do what: the one table of roles, which lies on the server beside the lake.

    <root>/access/roles.toml

    session_hours = 12

    [[person]]
    subject = "248289761001"      # the `sub` of the login
    role = "office"               # office, leadership, analyst, or a supervision group
    note = "综合组"                # for people, optional

A person is known by the subject of a login and by nothing else. A table with a fault
gives nobody a role: who may do what would be a guess.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from data_pipeline.disk import disk_reason, replace_file
from data_pipeline.store import audit
from data_pipeline.store.sealing import file_identity, read_plain
from data_pipeline.store.working_copy import copy_of
from data_pipeline.words import text

FILE = "roles.toml"
OFFICE, LEADERSHIP, ANALYST = "office", "leadership", "analyst"
ROLES = (OFFICE, LEADERSHIP, ANALYST)
# A day's work; the longest is a week.
DEFAULT_HOURS, MOST_HOURS = 12, 168
MOST_CHARS = {"subject": 255, "note": 60}


@dataclasses.dataclass(frozen=True)
class Person:
    """One line of the table. role is one of ROLES or the code of a group."""

    subject: str
    role: str
    note: str = ""


@dataclasses.dataclass(frozen=True)
class RoleFault:
    """What is wrong with a table: a text of `roles.fault`, and the line from 1.

    error: why it cannot be read.
    """

    kind: str
    line: int = 0
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    error: OSError | None = dataclasses.field(default=None, compare=False)

    def sentence(self, language: str) -> str:
        values = dict(self.values)
        if self.error:
            values["reason"] = disk_reason(self.error, language)[0]
        sentence = text(language, f"roles.fault.{self.kind}", **values)
        if not self.line:
            return sentence
        return text(language, "roles.fault.at", line=self.line, fault=sentence)


@dataclasses.dataclass(frozen=True)
class RoleTable:
    """A table as it lies on the disk; with `faults` nobody has a role by it."""

    people: tuple[Person, ...] = ()
    session_hours: int = DEFAULT_HOURS
    faults: tuple[RoleFault, ...] = ()

    def role_of(self, subject: str) -> str | None:
        """The role of a subject, None for whoever is not in the table."""
        if self.faults:
            return None
        found = (one.role for one in self.people if one.subject == subject)
        return next(found, None)


class RolesError(ValueError):
    """A table that cannot be taken; `faults` say why. Nothing was written."""

    def __init__(self, faults: Sequence[RoleFault]):
        super().__init__("\n".join(fault.sentence("en") for fault in faults))
        self.faults = tuple(faults)


# Path -> the file when it was last read, the groups, and what it says.
_known: dict[str, tuple[Any, RoleTable]] = {}


def roles_path(root: Path | str) -> Path:
    return Path(root).resolve() / audit.FOLDER / FILE


def read_roles(root: Path | str, groups: Collection[str]) -> RoleTable:
    """The table as it is now; read again whenever the file was written.

    `groups` are the codes of the supervision groups. Without a file nobody has a role.
    """
    path = roles_path(root)
    try:
        key = (file_identity(path), tuple(groups))
        known = _known.get(str(path))
        if known and known[0] == key:
            return known[1]
        table = parse_roles(read_plain(path), groups)
    except FileNotFoundError:
        return RoleTable(faults=(RoleFault("no_table"),))
    except OSError as error:
        return RoleTable(faults=(RoleFault("unreadable", error=error),))
    except UnicodeDecodeError:
        return RoleTable(faults=(RoleFault("no_toml"),))
    _known[str(path)] = key, table
    return table


def parse_roles(content: str, groups: Collection[str]) -> RoleTable:
    """What the text of a table says, or everything that is wrong with it."""
    try:
        raw = tomllib.loads(content)
    except tomllib.TOMLDecodeError:
        return RoleTable(faults=(RoleFault("no_toml"),))
    faults = [
        RoleFault("unknown_key", values={"field": key})
        for key in raw.keys() - {"session_hours", "person"}
    ]
    hours, lines = raw.get("session_hours", DEFAULT_HOURS), raw.get("person", [])
    if not isinstance(lines, list) or not all(isinstance(one, dict) for one in lines):
        return RoleTable(faults=(*faults, RoleFault("no_people")))
    for number, line in enumerate(lines, 1):
        unknown = line.keys() - {"subject", "role", "note"}
        faults += [RoleFault("unknown_key", number, {"field": key}) for key in unknown]
    people = tuple(
        Person(*(line.get(key, "") for key in ("subject", "role", "note")))
        for line in lines
    )
    faults += find_faults(people, hours, groups)
    return RoleTable(people, hours, tuple(faults))


def find_faults(
    people: Sequence[Person], hours: Any, groups: Collection[str]
) -> list[RoleFault]:
    """Everything that is wrong with a table, line by line."""
    faults = []
    is_number = isinstance(hours, int) and not isinstance(hours, bool)
    if not is_number or not 1 <= hours <= MOST_HOURS:
        faults.append(RoleFault("hours", values={"given": hours, "most": MOST_HOURS}))
    seen: dict[str, int] = {}
    for line, person in enumerate(people, 1):
        faults += _faults_of(person, line, groups)
        if not isinstance(person.subject, str) or not person.subject:
            continue
        first = seen.setdefault(person.subject, line)
        if first != line:
            values = {"subject": person.subject, "first": first}
            faults.append(RoleFault("twice", line, values))
    if not any(person.role == OFFICE for person in people):
        faults.append(RoleFault("no_office"))
    return faults


def _faults_of(
    person: Person, line: int, groups: Collection[str]
) -> Iterable[RoleFault]:
    for name, most in MOST_CHARS.items():
        value = getattr(person, name)
        if not isinstance(value, str) or not value.isprintable():
            yield RoleFault("no_text", line, {"field": name})
        elif len(value) > most:
            yield RoleFault("too_long", line, {"field": name, "most": most})
        elif value != value.strip():
            yield RoleFault("blanks", line, {"field": name, "given": value})
    if person.subject == "":
        yield RoleFault("no_subject", line)
    known = (*ROLES, *groups)
    if person.role not in known:
        values = {"given": person.role, "known": ", ".join(known)}
        yield RoleFault("no_role", line, values)


def save_roles(
    root: Path | str,
    before: RoleTable,
    after: RoleTable,
    groups: Collection[str],
    actor: str,
) -> None:
    """Put a table in the place of the one it was made from, and record the change.

    Raises
    ------
    RolesError
        A fault of the new table, or another one has been saved since `before`.
    OSError
        It cannot be written; the table before stays.
    """
    faults = find_faults(after.people, after.session_hours, groups)
    if faults:
        raise RolesError(faults)
    with audit.holding(root) as folder:
        if read_roles(root, groups) != before:
            raise RolesError([RoleFault("changed")])
        # Recorded first: no role changes without a word of it.
        audit.append(folder, actor, "roles_changed", describe_change(before, after))
        content = _to_toml(after).encode()
        if copy := copy_of(root):
            try:
                copy.replace(f"{audit.FOLDER}/{FILE}", content)
            except FileExistsError:
                raise RolesError([RoleFault("changed")]) from None
        replace_file(folder / FILE, content)


def describe_change(before: RoleTable, after: RoleTable) -> dict[str, Any]:
    """Who gained, lost or changed a role: `subject: role before → role after`."""
    was = {one.subject: one.role for one in before.people}
    now = {one.subject: one.role for one in after.people}
    changes = [
        f"{subject}: {was.get(subject, '–')} → {now.get(subject, '–')}"
        for subject in dict.fromkeys((*was, *now))
        if was.get(subject) != now.get(subject)
    ]
    changed: dict[str, Any] = {"roles": changes} if changes else {}
    if before.session_hours != after.session_hours:
        changed["session_hours"] = f"{before.session_hours} → {after.session_hours}"
    return changed


def _to_toml(table: RoleTable) -> str:
    lines = [f"session_hours = {table.session_hours}"]
    for person in table.people:
        lines += ["", "[[person]]"]
        # A JSON text without control characters is a TOML text.
        for key, value in dataclasses.asdict(person).items():
            if value or key != "note":
                lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"

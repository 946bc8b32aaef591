"""The parts of the page 角色: who has which role, and what was done."""

from __future__ import annotations

import hashlib

import streamlit as st

from data_pipeline.disk import disk_sentence
from data_pipeline.registry import load_registry, whole_registry
from data_pipeline.store.audit import read_record
from data_pipeline.store.role_table import (
    MOST_HOURS,
    ROLES,
    Person,
    RoleFault,
    RolesError,
    RoleTable,
    read_roles,
    save_roles,
)
from reports.roles import rows as acts
from reports.words import catalogue
from ui import roles, selection
from ui.lake import lake_folder
from ui.records_view import show_records
from ui.selection import Selection

PAGE = "roles"
DONE = f"{PAGE}:done"
SAVE = "save-roles"
# In the list of roles: this person goes.
REMOVED = ""


def edit_table(choice: Selection) -> None:
    """Everybody with his role, one more, and how long a login lasts; saved at once."""
    groups = tuple(whole_registry().groups)
    table = read_roles(lake_folder(), groups)
    for fault in table.faults:
        st.warning(catalogue.plain(fault.sentence(choice.lang)))
    if selection.noted(DONE):
        selection.note(DONE, None)
        st.success(choice.text(f"{PAGE}.saved"))
    # Of one state of the table: what others have saved meanwhile is drawn anew.
    state = hashlib.sha256(repr(table).encode()).hexdigest()[:8]
    save = f"{SAVE}-{state}"
    # Who saves what was drawn before that: the form of his click is gone with it.
    if any(button != save for button in selection.clicked(SAVE)):
        st.error(catalogue.plain(RoleFault("changed").sentence(choice.lang)))
    with st.form(f"roles-{state}", border=False):
        people = [
            _edit(person, f"{state}-{number}", choice)
            for number, person in enumerate(table.people)
        ]
        st.markdown(f"**{choice.text(f'{PAGE}.one_more')}**")
        people.append(_edit(None, f"{state}-new", choice))
        hours = st.number_input(
            choice.text(f"{PAGE}.hours"),
            min_value=1,
            max_value=MOST_HOURS,
            value=min(max(table.session_hours, 1), MOST_HOURS),
            key=f"hours-{state}",
            width=240,
        )
        if not st.form_submit_button(choice.text(f"{PAGE}.save"), key=save):
            return
    _save(table, [one for one in people if one], int(hours), choice)


def _edit(person: Person | None, key: str, choice: Selection) -> Person | None:
    """One line of the table; None where the person is to go, or nobody is named."""
    subject, role, note = st.columns([3, 2, 3])
    options = [*ROLES, *whole_registry().groups]
    if person:
        options.append(REMOVED)
    given = person or Person("", options[1])
    said = subject.text_input(
        choice.text(f"{PAGE}.subject"), value=str(given.subject), key=f"subject-{key}"
    )
    chosen = role.selectbox(
        choice.text(f"{PAGE}.of"),
        options,
        index=options.index(given.role) if given.role in options else 1,
        format_func=lambda code: _name(code, choice),
        key=f"role-{key}",
    )
    about = note.text_input(
        choice.text(f"{PAGE}.note"), value=str(given.note), key=f"note-{key}"
    )
    if chosen == REMOVED or (person is None and not said.strip()):
        return None
    return Person(said.strip(), chosen, about.strip())


def _name(code: str, choice: Selection) -> str:
    if code == REMOVED:
        return choice.text(f"{PAGE}.remove")
    return roles.Reader("", code).role_name(choice.lang)


def _save(
    before: RoleTable, people: list[Person], hours: int, choice: Selection
) -> None:
    actor, after = roles.demand("give_roles"), RoleTable(tuple(people), hours)
    groups = tuple(whole_registry().groups)
    try:
        save_roles(lake_folder(), before, after, groups, actor.subject)
    except RolesError as error:
        for fault in error.faults:
            st.error(catalogue.plain(fault.sentence(choice.lang)))
    except OSError as error:
        st.error(catalogue.plain(disk_sentence(error, choice.lang)))
    else:
        selection.note(DONE, True)
        st.rerun()


def show_acts(choice: Selection) -> None:
    """What was done besides filing, from the chained record; its faults above it."""
    record = read_record(lake_folder())
    for fault in record.faults:
        sentence = catalogue.plain(fault.sentence(choice.lang))
        st.error(sentence, icon=":material/heart_broken:")
    registry = load_registry()
    rows = acts.list_acts(record.acts, registry, choice.lang)
    show_records(
        rows,
        choice,
        "acts",
        choice.text(f"{PAGE}.acts"),
        display=acts.tabulate_acts(rows, registry, choice.lang),
        filters=((choice.text(f"{PAGE}.title"), choice.text(f"{PAGE}.acts")),),
        caption=choice.text(f"{PAGE}.acts_about"),
        none=choice.text(f"{PAGE}.no_acts"),
    )
    link = choice.link("submissions", record=selection.TICKED)
    st.markdown(f"[{choice.text(f'{PAGE}.filed')}]({link})")

"""Who reads, and what he may see and do: the one place that asks.

With a login configured (`[auth]` in secrets.toml) a reader is the subject of his login,
and nothing else is taken from it: what he may do stands in the server's table of roles
(`data_pipeline/store/role_table.py`), which is looked up at every question. A role that
is taken away is gone at the next click, whatever the cookie says. A login is too old
when its token was issued (`iat`, signed with the cookie) longer ago than the table's
`session_hours`.

Without a login configured there is one reader, who sits at the machine: `ui/server.py`
answers nobody else then. He has every role.
"""

from __future__ import annotations

import contextvars
import dataclasses
import functools
import ipaddress
import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import streamlit as st
from streamlit import config
from streamlit.auth_util import (
    get_secrets_auth_section,
    get_signing_secret,
    validate_auth_credentials,
)
from streamlit.errors import StreamlitAuthError
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.secrets import secrets_singleton

from data_pipeline import withheld
from data_pipeline.rates import Marts
from data_pipeline.registry import Registry, look_through, of_group, whole_registry
from data_pipeline.store.audit import record
from data_pipeline.store.role_table import (
    ANALYST,
    OFFICE,
    ROLES,
    RoleTable,
    read_roles,
)
from reports.roles.rows import role_name
from reports.words import catalogue
from ui.lake import lake_folder, look_again
from ui.menu import open_to

T = TypeVar("T")
# What the roles of the table have in common with each other: any supervision group.
GROUP = "group"
# What is done besides reading, and who may: filing and withdrawing, drawing check
# lists, issuing a circular, giving roles; and seeing single rows, branches and files.
ACTS: Mapping[str, tuple[str, ...]] = {
    "file": (OFFICE, GROUP),
    "draw": (OFFICE,),
    "issue": (OFFICE,),
    "give_roles": (OFFICE,),
    "see_rows": (OFFICE, GROUP, ANALYST),
}
# A table with one of these columns is of single rows, branches or files.
SINGLE = frozenset(
    "branch branch_name case_code problem_code source_file submission".split()
)
DASHBOARD = Path(__file__).resolve().parents[1] / "dashboard.py"
# Whoever guesses the secret writes his own cookie.
LEAST_SECRET = 32
# A clock of the provider may be ahead of ours by so many seconds.
CLOCK_SECONDS = 300


@dataclasses.dataclass(frozen=True)
class Reader:
    """Somebody with a role of the table; `subject` is "local" where nobody logs in.

    `issued`: when the login was, in seconds since 1970; None where there is none.
    """

    subject: str
    role: str
    is_local: bool = False
    issued: float | None = None

    @property
    def group(self) -> str | None:
        """The supervision group whose units are all that he sees; None of the city."""
        return None if self.role in ROLES else self.role

    @property
    def audience(self) -> str:
        """Who sees small counts of persons: the office, and a group of its units."""
        is_whole = self.role == OFFICE or self.group
        return withheld.OFFICE if is_whole else withheld.PUBLIC

    @property
    def kind(self) -> str:
        """The role, "group" for any supervision group."""
        return GROUP if self.group else self.role

    def may(self, act: str) -> bool:
        """Whether he may do one of ACTS."""
        return self.kind in ACTS[act]

    def may_open(self, page: str) -> bool:
        return self.kind in open_to(page)

    def role_name(self, language: str) -> str:
        return role_name(self.role, whole_registry(), language)


@dataclasses.dataclass(frozen=True)
class Barred:
    """Somebody who may see nothing. `kind` is a text of `roles.barred`."""

    kind: str
    subject: str = ""
    table: RoleTable | None = None


LOCAL = Reader("local", OFFICE, is_local=True)
# Of what is made after a run has ended: who requested it.
_bound: contextvars.ContextVar[Reader | None] = contextvars.ContextVar(
    "reader", default=None
)


@functools.cache
def is_login_configured() -> bool:
    """Whether readers have to log in; settled once, at the first question.

    Neither a secrets.toml that is taken away later nor one that cannot be read opens
    the door.
    """
    return bool(get_secrets_auth_section()) or bool(_unread_secrets())


def _unread_secrets() -> str:
    """The secrets.toml that is there and cannot be read, '' where there is none."""
    if secrets_singleton.load_if_toml_exists():
        return ""
    paths = config.get_option("secrets.files")
    return next((path for path in paths if os.path.lexists(path)), "")


def open_address() -> str | None:
    """The address that the server listens on, where others reach it without a login.

    Without any it listens on all of them. A name other than localhost counts as open:
    what it leads to may change.
    """
    if is_login_configured():
        return None
    address = str(config.get_option("server.address") or "0.0.0.0")
    if address == "localhost":
        return None
    try:
        return None if ipaddress.ip_address(address).is_loopback else address
    except ValueError:
        return address


def refuse_others() -> None:
    """End a run with a sentence where other machines could see it without a login."""
    if address := open_address():
        st.error(catalogue.text(language(), "failure.open_address", address=address))
        st.stop()


def refuse_alone() -> None:
    """End a run with a sentence where another script than the dashboard is served.

    A page would have neither the frame nor the door.
    """
    context = get_script_run_ctx(suppress_warning=True)
    script = Path(context.main_script_path).resolve() if context else DASHBOARD
    if script != DASHBOARD:
        st.error(catalogue.text(language(), "failure.alone", script=script.name))
        st.stop()


def login_fault() -> tuple[str, dict[str, str]] | None:
    """What `[auth]` of secrets.toml lacks; None where it is whole or not there.

    Returns
    -------
    The name of a sentence of roles.toml, `login_fault`, and its values.
    """
    if not is_login_configured():
        return None
    if path := _unread_secrets():
        return "unreadable", {"path": path}
    try:
        validate_auth_credentials("default")
    except StreamlitAuthError as error:
        return "incomplete", {"said": " ".join(str(error).split())}
    if len(get_signing_secret()) < LEAST_SECRET:
        return "short_secret", {"least": str(LEAST_SECRET)}
    return None


def ask() -> Reader | Barred:
    """Who reads now, looked up in the table at each call."""
    if bound := _bound.get():
        return bound
    if not is_login_configured():
        return LOCAL
    if get_script_run_ctx(suppress_warning=True) is None:
        return Barred("logged_out")
    if not st.user.get("is_logged_in"):
        return Barred("logged_out")
    return _look_up(str(st.user.get("sub") or ""), st.user.get("iat"))


def reader() -> Reader:
    """Who reads now; who no longer may is led to the door instead.

    Raises
    ------
    PermissionError
        Nobody asks: this is not the run of a reader.
    """
    found = ask()
    if isinstance(found, Barred):
        if get_script_run_ctx(suppress_warning=True):
            st.rerun()
        raise PermissionError("there is no reader to show this to")
    return found


def require(page: str) -> Reader:
    """Let those go on who may open a page; the first statement of each.

    The menu shows them no other. Who comes all the same, by a link or a name in the
    address, reads why not; the run ends.
    """
    # Whoever starts a page for itself has no frame that asks before it.
    refuse_others()
    refuse_alone()
    found = reader()
    if not found.may_open(page):
        lang = language()
        st.title(catalogue.text(lang, "roles.not_yours.title"), anchor=False)
        role = found.role_name(lang)
        st.markdown(catalogue.text(lang, "roles.not_yours.why", role=role))
        st.stop()
    return found


def language() -> str:
    """The language of the address: here nothing else of a choice is known yet."""
    given = st.query_params.get("lang")
    return given if given in catalogue.LANGUAGES else next(iter(catalogue.LANGUAGES))


def fragment(**options: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A `st.fragment` that ends with the role of the reader it was drawn for.

    It is run again by itself, with what the page had read; the page then runs anew.
    """

    def decorate(draw: Callable[..., None]) -> Callable[..., None]:
        @st.fragment(**options)
        def again(drawn_for: Reader, *given: Any) -> None:
            if ask() != drawn_for:
                st.rerun()
            draw(*given)

        @functools.wraps(draw)
        def first(*given: Any) -> None:
            again(reader(), *given)

        return first

    return decorate


def demand(act: str) -> Reader:
    """Who is about to do one of ACTS.

    Raises
    ------
    PermissionError
        He may not; no control offers it to him.
    """
    found = reader()
    if not found.may(act):
        raise PermissionError(f"{found.role} may not {act}")
    return found


def is_hidden(frame: pd.DataFrame) -> bool:
    """Whether a table is of single rows, and the reader sees aggregates alone."""
    return not SINGLE.isdisjoint(frame.columns) and not reader().may("see_rows")


def at_click(make: Callable[[], T]) -> Callable[[], T]:
    """A file that is made when it is requested, after the run that offered it.

    It is made of what that run had open, and only for a reader who still has the role
    that it was offered to.
    """
    requester, context = reader(), contextvars.copy_context()

    @functools.wraps(make)
    def run() -> T:
        again = _look_up(requester.subject, requester.issued)
        if not requester.is_local and again != requester:
            raise PermissionError("the role has changed since this was offered")

        def made() -> T:
            _bound.set(requester)
            return make()

        return context.copy().run(made)

    return run


def note_whole(marts: Marts, to: str, metrics: Iterable[str] | None = None) -> None:
    """Write down that whole counts of persons were taken along in a file.

    `to` is its name; `metrics` whose counts, by default all that count persons.
    """
    found = reader()
    # Without a login nobody knows who it was.
    if marts.audience == withheld.OFFICE and not found.is_local:
        registry = marts.registry
        about = [m.id for m in registry.metrics.values() if registry.persons_of(m)]
        about = about if metrics is None else sorted(metrics)
        details = {"metrics": about, "snapshot": str(marts.snapshot.id), "to": to}
        record(lake_folder(), found.subject, "exported_unsuppressed", **details)


def note_seen(found: Reader, snapshot: str) -> None:
    """Write down, once a login and snapshot, that whole counts of persons are shown.

    `found` is who reads them.

    Raises
    ------
    OSError
        It cannot be written: they must not be shown.
    """
    if found.audience == withheld.OFFICE and not found.is_local:
        lake = str(lake_folder().resolve())
        _note_seen(lake, found.subject, found.issued, snapshot)


# What has been answered once is on record; a fault is not kept and is tried again.
@st.cache_resource(max_entries=1000, show_spinner=False)
def _note_seen(
    lake: str,
    subject: str,
    issued: float | None,  # noqa: ARG001 (the cache key)
    snapshot: str,
) -> None:
    record(lake, subject, "viewed_unsuppressed", snapshot=snapshot)


def _look_up(subject: str, issued: Any) -> Reader | Barred:
    look_again()
    table = read_roles(lake_folder(), tuple(whole_registry().groups))
    role = table.role_of(subject) if subject else None
    if role is None:
        return Barred("no_table" if table.faults else "no_role", subject, table)
    # Without a time of issue nobody knows how old a login is.
    age = time.time() - issued if isinstance(issued, int | float) else float("inf")
    if not -CLOCK_SECONDS <= age <= table.session_hours * 3600:
        return Barred("too_old", subject, table)
    return Reader(subject, role, issued=issued)


def _known_to_reader(whole: Registry) -> Registry:
    """The registry without the units of other groups, for a reader of one."""
    found = ask()
    group = found.group if isinstance(found, Reader) else None
    return of_group(whole, group) if group else whole


look_through(_known_to_reader)

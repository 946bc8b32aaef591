"""The marts that the current run reads: opened once, shared by all who may read them.

The pointer is resolved once a run, at its start. A page therefore shows one snapshot
from top to bottom even when a build finishes in between; the next run takes the new.

A reader of a supervision group gets the marts of its part of the lake
(`data_pipeline/store/part.py`), made at its first visit after a build; leadership and
analysts get the marts as others see them, without small counts of persons. What is kept
for all readers is kept by the root and the audience of the marts that it was read from,
so that no reader is ever answered from what is another one's.
"""

from __future__ import annotations

import contextvars
import dataclasses
import functools
import os
import tempfile
import time
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from data_pipeline import (
    check_findings,
    check_plan,
    flags,
    rates,
    submissions,
    upload,
    withheld,
)
from data_pipeline.disk import disk_reason
from data_pipeline.registry import load_registry, of_group, whole_registry
from data_pipeline.store.part import write_part_of_lake, write_part_of_snapshot
from reports.ledger_quality import rows as flag_words
from reports.words import catalogue
from ui import roles
from ui.kept import Kept
from ui.lake import RECHECK_SECONDS, lake_folder, lake_name, look_again

MOST_NAMED = 3  # of its faults above a page; `restore-check` lists them all


@dataclasses.dataclass(frozen=True)
class _Opened:
    """What a reader's run reads, and the snapshot of the lake that it is of.

    `unrecorded`: why his look could not be put on record, so that he sees no small
    counts of persons.
    """

    reader: roles.Reader
    marts: rates.Marts
    source: rates.Snapshot
    part: Part | None = None
    unrecorded: OSError | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """The marts of a supervision group. Its folder is gone once nobody reads it."""

    marts: rates.Marts
    folder: tempfile.TemporaryDirectory


_of_this_run: contextvars.ContextVar[_Opened | None] = contextvars.ContextVar(
    "marts", default=None
)
# What all pages ask of nine months of a city of 16,000 branches is some three million
# cells, 60 bytes each; of two snapshots in each way that they are read.
_kept = Kept(most_cells=5_000_000, most_sources=12)
# Old snapshots stay on disk for a while: a session in the middle of a run may hold one.
_opened = Kept(most_cells=1_000_000, most_sources=4)
_fault: contextvars.ContextVar[rates.NoSnapshotError | None] = contextvars.ContextVar(
    "fault", default=None
)


def resolve() -> rates.Marts | None:
    """Follow the pointer for this run; None where nothing can be read."""
    reader = roles.reader()
    opened = fault = None
    try:
        opened = _open_for(reader, _newest())
    except rates.NoSnapshotError as error:
        fault = error
    _of_this_run.set(opened)
    _fault.set(fault)
    return opened and opened.marts


def current() -> rates.Marts | None:
    """The marts of this run. None only in a page that `is_of_files` (ui/menu.py)."""
    opened = _of_this_run.get()
    # Of a run before, in the same thread, another reader may have been.
    if opened and opened.reader == roles.reader():
        return opened.marts
    return resolve()


def source() -> rates.Snapshot | None:
    """The snapshot of the lake that this run's marts are, or are a part of."""
    opened = current() and _of_this_run.get()
    return opened and opened.source


def unrecorded(language: str) -> str:
    """Why this reader does not see what his role would show him, or ''."""
    opened = current() and _of_this_run.get()
    if not (opened and opened.unrecorded):
        return ""
    reason, remedy = disk_reason(opened.unrecorded, language)
    return catalogue.text(language, "roles.unrecorded", reason=reason, remedy=remedy)


def _newest() -> rates.Snapshot:
    look_again()
    return rates.resolve_snapshot(lake_folder().resolve(), load_registry())


def _open_for(reader: roles.Reader, snapshot: rates.Snapshot) -> _Opened:
    lake = str(lake_folder().resolve())
    audience, fault, part = reader.audience, None, None
    try:
        roles.note_seen(reader, snapshot.id)
    except OSError as error:
        audience, fault = withheld.PUBLIC, error
    if reader.group is None:
        marts = _open(lake, snapshot)
    else:
        with st.spinner(catalogue.text(roles.language(), "roles.preparing")):
            part = _open_part(lake, snapshot.state, reader.group, snapshot)
        marts = part.marts
    return _Opened(reader, marts.for_audience(audience), snapshot, part, fault)


def is_empty_part() -> bool:
    """Whether a supervision group reads that has filed no ledger yet."""
    opened = current()
    return bool(opened and roles.reader().group and not opened.months)


def other_snapshots() -> tuple[rates.Snapshot, ...]:
    """Those on disk that can be read beside this run's, the oldest first."""
    shown = source().id
    found = rates.list_snapshots(lake_folder().resolve(), load_registry())
    return tuple(snapshot for snapshot in found if snapshot.id != shown)


def open_other(snapshot: rates.Snapshot) -> rates.Marts:
    """One of `other_snapshots`, opened once for all who may read it."""
    return _open_for(roles.reader(), snapshot).marts


def is_outdated(state: str) -> bool:
    """Whether another state of the lake can be read by now than `source` was.

    While none can be read, what is shown is still the best there is.
    """
    try:
        return _newest().state != state
    except rates.NoSnapshotError:
        return False


def current_flags() -> tuple[flags.Flags, pd.DataFrame]:
    """The credibility flags of this run's snapshot, and their list in words.

    Found once for all readers; flag and line of the list have the same label.
    """
    marts = current()
    return _find_flags(*_key(marts), marts)


def current_row_findings(language: str) -> pd.DataFrame:
    """What `check` says of single rows of this run's snapshot, in one language."""
    marts = current()
    return kept(
        ("row_findings", language),
        lambda: check_findings.read_row_findings(marts, language),
    )


def findings_of(opened: rates.Marts) -> pd.DataFrame:
    """All that `check` says of marts, as their audience may see it."""
    read = functools.partial(check_findings.read_findings, opened)
    return _kept.ask(_key(opened), "findings", read)


def draw_plan(rate: float, seed: int, month: str) -> check_plan.Draw:
    """A check list of the current roll, drawn once for all readers.

    What is requested again is the same list with its first time of drawing, so that its
    file does not change while people look at it.

    Raises
    ------
    check_plan.PlanError
        There is no roll to draw from.
    """
    marts = current()
    return _draw(*_key(marts), rate, seed, month)


def registered_plans() -> tuple[check_plan.RegisteredDraw, ...]:
    """The register of draws as it stands now, whatever snapshot is read."""
    lake = lake_folder().resolve()
    manifest = lake / "lake" / "manifest"
    n_entries = len(os.listdir(manifest)) if manifest.is_dir() else 0
    return _list_plans(str(lake), n_entries)


def load_plan(registered: check_plan.RegisteredDraw) -> check_plan.Draw:
    """A registered draw, read once for all readers."""
    return kept(("plan", registered.id), lambda: _load_plan(registered))


def register_plan(rate: float, month: str) -> check_plan.Draw:
    """Draw a list by a seed that nobody can guess and register it.

    Raises
    ------
    check_plan.PlanError, lake.LakeBusyError
        As `check_plan.register_plan`; nothing is registered.
    """
    roles.demand("draw")
    opened = current()
    now = datetime.now(opened.registry.calendar.timezone)
    seed = check_plan.choose_seed()
    draw = check_plan.draw_plan(opened, rate, seed, now, month)
    return check_plan.register_plan(opened, draw)[0]


def look_at(
    uploads: tuple[upload.Upload, ...], group: str | None, language: str
) -> upload.Preview:
    """What filing these files would bring; worked out once for each state of the lake.

    Raises
    ------
    upload.FAULTS
        As `upload.look_at`.
    """
    lake, reader = str(lake_folder().resolve()), roles.demand("file")
    # A group files for itself, whatever the address says.
    group = reader.group or group
    day = f"{datetime.now(load_registry().calendar.timezone):%Y-%m-%d}"
    named = tuple((one.name, one.sha256) for one in uploads)
    state = upload.lake_state(lake)
    about = (lake, state, day, named, group, language, reader.group is not None)
    return _look_at(*about, uploads)


def say_manifest(language: str) -> str:
    """What hinders knowing what was filed, as it was some seconds ago at most, or ''.

    That the bucket of the lake cannot be read, or what is wrong with the manifest.
    """
    if error := look_again():
        fault = disk_reason(error, language)[0]
        return catalogue.text(language, "frame.bucket", fault=fault)
    span = int(time.monotonic() // RECHECK_SECONDS)
    faults = _find_faults(str(lake_folder().resolve()), span)[:MOST_NAMED]
    if not faults:
        return ""
    sentences = " ".join(fault.sentence(language) for fault in faults)
    return catalogue.text(language, "frame.manifest", faults=sentences)


def row_fates() -> pd.DataFrame:
    """How many rows of each submission a later one has replaced."""
    if current() is None:
        return pd.DataFrame(columns=["submission", "replaced_by", "n_rows"])
    return kept("row_fates", lambda: rates.read_row_fates(current()))


def kept(question: Hashable, read: Callable[[], Any]) -> Any:
    """What `read` gives, kept for all readers of this run's snapshot.

    `question` names all that the answer depends on but the snapshot and who reads.
    Nobody may change what comes back.
    """
    return _kept.ask(_key(current()), question, read)


def kept_of(choice: Hashable, part: Hashable, make: Callable[[], Any]) -> Any:
    """What `make` gives of all that is chosen, kept for all readers of the same role.

    For what a page writes, draws and links to: `part` names it among all pages, and
    what it depends on beside the choice (`selection.Selection`) and the snapshot.
    """
    return kept((part, choice, roles.reader().role), make)


def _key(marts: rates.Marts) -> tuple[str, str, str]:
    """What an answer of these marts is kept by: lake, state of it, and who reads."""
    return str(marts.root), marts.snapshot.state, marts.audience


def ask_roll() -> pd.DataFrame:
    """All branches of the city, kept for all readers."""
    return kept("roll", lambda: rates.read_roll(current()))


def show_how_to_build(language: str) -> None:
    """The page where nothing can be read: why, and which command brings it."""
    lake, fault = lake_name(), _fault.get()
    build = f"python -m data_pipeline build --lake {lake}"
    kind, commands = "empty", []
    if isinstance(fault, rates.StaleSnapshotError):
        kind, commands = "stale", [build]
    elif isinstance(fault, rates.DamagedSnapshotError):
        kind = "damaged"
        commands = [f"python -m data_pipeline restore-check --lake {lake}", build]
    else:
        commands = [
            f"# {catalogue.text(language, 'frame.empty.demo')}",
            f"python -m data_pipeline demo --lake {lake}",
            f"# {catalogue.text(language, 'frame.empty.own')}",
            f"python -m data_pipeline ingest 台账/*.xlsx --lake {lake}",
            build,
        ]
    st.title(catalogue.text(language, f"frame.{kind}.title"))
    path = catalogue.plain(getattr(fault, "path", ""))
    places = {"lake": f"`{lake}`", "path": path}
    st.write(catalogue.text(language, f"frame.{kind}.why", **places))
    # The colours of a language's words are too pale to read.
    st.code("\n".join(commands), language=None, wrap_lines=True)


def show_nothing_filed(language: str) -> None:
    """In the place of a page, for a group that has filed no ledger yet."""
    st.title(catalogue.text(language, "roles.nothing_filed.title"), anchor=False)
    why = catalogue.text(language, "roles.nothing_filed.why")
    st.markdown(
        f"{why} [{catalogue.text(language, 'submissions.title')}]"
        f"(./submissions?lang={language})"
    )


def _open(lake: str, snapshot: rates.Snapshot) -> rates.Marts:
    open_them = functools.partial(rates.open_marts, lake, snapshot=snapshot)
    return _opened.ask((lake, snapshot.state), "marts", open_them)


# As many as two snapshots of every group.
@st.cache_resource(max_entries=8, show_spinner=False)
def _open_part(
    lake: str,
    state: str,  # noqa: ARG001 (the cache key)
    group: str,
    _snapshot: rates.Snapshot,
) -> Part:
    """The part of a snapshot that a group may see, built like any other."""
    folder = tempfile.TemporaryDirectory(prefix="part-of-lake-")
    registry = of_group(whole_registry(), group)
    write_part_of_snapshot(lake, _snapshot, group, whole_registry(), folder.name)
    snapshot = flags.build_with_flags(
        folder.name, registry, now=_snapshot.built_at, as_of=_snapshot.as_of
    )
    # What the whole has lost the part lacks as well, and says so.
    found = {n: getattr(_snapshot, n) for n in ("set_aside", "damaged", "lost")}
    snapshot = dataclasses.replace(snapshot, **found)
    return Part(rates.open_marts(folder.name, registry, snapshot), folder)


# Read once a snapshot, and put into words; found here only where none were stored.
@st.cache_resource(max_entries=6, show_spinner=False)
def _find_flags(
    lake: str,  # noqa: ARG001 (the cache key)
    state: str,  # noqa: ARG001 (the cache key)
    audience: str,  # noqa: ARG001 (the cache key)
    _marts: rates.Marts,
) -> tuple[flags.Flags, pd.DataFrame]:
    found = flags.read_flags(_marts)
    return found, flag_words.flag_rows(found, _marts.registry)


@st.cache_resource(max_entries=8, show_spinner=False)
def _draw(
    lake: str,  # noqa: ARG001 (the cache key)
    state: str,  # noqa: ARG001 (the cache key)
    audience: str,  # noqa: ARG001 (the cache key)
    rate: float,
    seed: int,
    month: str,
) -> check_plan.Draw:
    opened = current()
    now = datetime.now(opened.registry.calendar.timezone)
    return check_plan.draw_plan(opened, rate, seed, now, month)


@st.cache_resource(max_entries=4, show_spinner=False)
def _look_at(
    lake: str,
    state: str,  # noqa: ARG001 (the cache key)
    day: str,  # noqa: ARG001 (the cache key)
    named: tuple[tuple[str, str], ...],  # noqa: ARG001 (the cache key)
    group: str | None,
    language: str,
    is_part: bool,
    _uploads: tuple[upload.Upload, ...],
) -> upload.Preview:
    # Filed is by the whole registry: another group's unit is refused as such.
    registry = whole_registry()
    how = {"group": group, "language": language}
    if not is_part:
        return upload.look_at(lake, _uploads, registry, **how)
    with tempfile.TemporaryDirectory(prefix="part-of-lake-") as root:
        write_part_of_lake(lake, group, registry, root)
        preview = upload.look_at(root, _uploads, registry, **how)
    return dataclasses.replace(preview, state=state)


@functools.lru_cache(maxsize=4)
def _find_faults(
    lake: str,
    span: int,  # noqa: ARG001 (of so many seconds: in the next one it is asked anew)
) -> tuple[submissions.Fault, ...]:
    return submissions.grave_faults(submissions.read_manifest(lake)[1])


# An entry is never taken out of the manifest: as many entries, the same register.
@st.cache_resource(max_entries=4, show_spinner=False)
def _list_plans(
    lake: str,
    n_entries: int,  # noqa: ARG001 (the cache key)
) -> tuple[check_plan.RegisteredDraw, ...]:
    return check_plan.registered_plans(lake)


def _load_plan(registered: check_plan.RegisteredDraw) -> check_plan.Draw:
    return check_plan.load_plan(current(), registered)

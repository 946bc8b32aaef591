"""What was done with the data besides filing it: who, what and when, for good.

    <root>/access/audit/000001.json   one sealed act, chained to the one before
    <root>/access/audit.json          which act is the last

What is filed and withdrawn stands in the manifest and is not written down twice.
An act is recorded before it takes effect: what cannot be recorded is not done.
The folder lies beside lake/ and has a lock of its own, so that neither a build nor a
file coming in keeps anybody from recording, or from losing a role.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data_pipeline.disk import UNFINISHED, create_file, replace_file
from data_pipeline.store.manifest import Fault
from data_pipeline.store.sealing import SEAL, read_plain, seal_of, sealed_json
from data_pipeline.store.working_copy import copy_of

FOLDER = "access"
# What can be recorded; words stand in reports/words.
ACTIONS = (
    "roles_changed",
    "viewed_unsuppressed",
    "exported_unsuppressed",
    "bulletin_issued",
)
_ENTRY = re.compile(r"(\d{6,})\.json")


@dataclasses.dataclass(frozen=True)
class Act:
    """One act: `actor` is who did it (the subject of a login, or a word for nobody).

    details say of what: texts and numbers by name, never a figure of a branch.
    """

    sequence: int
    at: datetime
    actor: str
    action: str
    details: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Record:
    """The acts that can be believed, in their order, and what is wrong with others."""

    acts: tuple[Act, ...]
    faults: tuple[Fault, ...]


@contextlib.contextmanager
def holding(root: Path | str) -> Iterator[Path]:
    """Hold the folder of roles and acts as its one writer; gives the folder.

    Others wait: what is written here takes milliseconds.

    Raises
    ------
    OSError
        It cannot be written.
    """
    folder = Path(root).resolve() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    copy = copy_of(root)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if copy:
            copy.catch_up_access()
        for left in (*folder.glob(".*.tmp"), *folder.glob("audit/.*.tmp")):
            if UNFINISHED.fullmatch(left.name):
                left.unlink(missing_ok=True)
        yield folder


def record(root: Path | str, actor: str, action: str, **details: Any) -> Act:
    """Write down one act; it is on the disk on return.

    Parameters
    ----------
    actor
        The subject of a login, "local" where nobody logs in, "command" of a command.
    action
        One of ACTIONS.
    details
        Texts, numbers and lists of them.

    Raises
    ------
    OSError
        It cannot be written: the act must not be done.
    ValueError
        No such action.
    """
    with holding(root) as folder:
        return append(folder, actor, action, details)


def append(folder: Path, actor: str, action: str, details: Mapping[str, Any]) -> Act:
    """As `record`, inside `holding`: for what must be one with another change."""
    if action not in ACTIONS:
        raise ValueError(f"{action}: not one of {', '.join(ACTIONS)}")
    copy = copy_of(folder.parent)
    while True:
        last, seal = _last(folder)
        act = Act(last + 1, datetime.now(UTC), actor, action, dict(details))
        raw = dataclasses.asdict(act) | {"at": act.at.isoformat(), "previous": seal}
        path, content = _path(folder, act.sequence), sealed_json(raw)
        try:
            if copy:
                copy.create(f"{FOLDER}/audit/{path.name}", content)
            create_file(path, content)
            break
        except FileExistsError:
            if not copy:
                raise
            # Another machine has written under this number: behind it, then.
            copy.catch_up_access()
    head = sealed_json({"sequence": act.sequence, "entry": seal_of(raw)})
    # The act is there: the next one makes good what fails here.
    with contextlib.suppress(OSError):
        replace_file(folder / "audit.json", head, sync=False)
        if copy:
            copy.note(f"{FOLDER}/audit.json", head)
    return act


def read_record(root: Path | str) -> Record:
    """Every act that can be believed, and each that is altered, missing or foreign."""
    folder = Path(root).resolve() / FOLDER
    acts, faults = [], []
    # The seal that the next act follows; None where nobody knows it.
    chain: str | None = ""
    try:
        names = _entries(folder)
    except OSError as error:
        fault = Fault(f"{FOLDER}/audit", "unreadable", error=error)
        return Record((), (fault,))
    sequence_at_end, seal_at_end = _head(folder)
    for sequence in range(1, max([sequence_at_end, *names], default=0) + 1):
        name = f"{FOLDER}/audit/{sequence:06d}.json"
        follows, chain = chain, None
        try:
            raw = _read(_path(folder, sequence))
            if raw["sequence"] != sequence:
                raise ValueError("an act under another number than its own")
            act = _act_of(raw)
        except FileNotFoundError:
            faults.append(Fault(name, "act_missing"))
            continue
        except OSError as error:
            faults.append(Fault(name, "unreadable", error=error))
            continue
        except (ValueError, TypeError, KeyError, AttributeError):
            faults.append(Fault(name, "act_altered"))
            continue
        is_exchanged = sequence == sequence_at_end and raw[SEAL] != seal_at_end
        if is_exchanged or follows not in (None, raw["previous"]):
            faults.append(Fault(name, "act_unchained"))
        acts.append(act)
        chain = raw[SEAL]
    return Record(tuple(acts), tuple(faults))


def _act_of(raw: Mapping[str, Any]) -> Act:
    at = datetime.fromisoformat(raw["at"])
    return Act(raw["sequence"], at, raw["actor"], raw["action"], dict(raw["details"]))


def _path(folder: Path, sequence: int) -> Path:
    return folder / "audit" / f"{sequence:06d}.json"


def _entries(folder: Path) -> list[int]:
    try:
        names = os.listdir(folder / "audit")
    except FileNotFoundError:
        return []
    return [int(match[1]) for name in names if (match := _ENTRY.fullmatch(name))]


def _last(folder: Path) -> tuple[int, str]:
    """Number and seal of the last act; a number that was ever given is not again.

    A last act that cannot be believed is named by whoever reads; the next one stands
    behind it with no seal to follow.
    """
    last = max([*_entries(folder), _head(folder)[0]], default=0)
    try:
        return last, _read(_path(folder, last))[SEAL]
    except (OSError, ValueError, TypeError, KeyError):
        return last, ""


def _head(folder: Path) -> tuple[int, str]:
    """Number and seal of the last act as noted apart from it; 0 where none is."""
    try:
        head = _read(folder / "audit.json")
        return int(head["sequence"]), str(head["entry"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0, ""


def _read(path: Path) -> dict[str, Any]:
    raw = json.loads(read_plain(path))
    if raw[SEAL] != seal_of(raw):
        raise ValueError("not what was sealed")
    return raw

"""The audit log as rows: who did what, when, and of what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import PurePath
from typing import Any, Protocol

import pandas as pd

from data_pipeline.registry import Registry
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, wording

PAGE = "roles"
ACTIONS = catalogue.texts(f"{PAGE}.action")
DETAILS = catalogue.texts(f"{PAGE}.detail")
ROLE_NAMES = catalogue.texts(f"{PAGE}.role")


class Act(Protocol):
    """As `data_pipeline.store.audit.Act`."""

    sequence: int
    at: Any
    actor: str
    action: str
    details: Any


def list_acts(acts: Sequence[Act], registry: Registry, language: str) -> pd.DataFrame:
    """A row an act, the latest first; `received` in UTC, without a zone."""
    lines = [
        {
            "received": act.at.astimezone(UTC).replace(tzinfo=None),
            "actor": act.actor,
            "action": act.action,
            "about": _about(act, registry, language),
            "act_number": act.sequence,
        }
        for act in reversed(acts)
    ]
    columns = ["received", "actor", "action", "about", "act_number"]
    return pd.DataFrame(lines, columns=columns)


def _about(act: Act, registry: Registry, language: str) -> str:
    named = DETAILS[language]
    return " · ".join(
        f"{named.get(name, name)} {_words(name, value, registry, language)}"
        for name, value in act.details.items()
    )


def _words(name: str, value: Any, registry: Registry, language: str) -> str:
    """One detail in words; a code that the registry no longer has stays as it is."""
    values = value if isinstance(value, list) else [value]
    if name == "to":  # where on the server is for its operators: the record has it
        values = [PurePath(path).name for path in values]
    if name == "metrics":
        values = [_name_metric(id, registry, language) for id in values]
    if name == "roles":
        values = [_name_roles(change, registry, language) for change in values]
    return wording.join(map(str, values), language)


def _name_metric(id: str, registry: Registry, language: str) -> str:
    known = registry.metrics.get(id)
    return wording.in_language(known, "label", language) if known else id


def _name_roles(change: str, registry: Registry, language: str) -> str:
    """`subject: role before → role after` with the roles in words."""
    subject, _, both = change.rpartition(": ")
    roles = [role_name(code, registry, language) for code in both.split(" → ")]
    values = {"subject": subject, "before": roles[0], "after": roles[-1]}
    return catalogue.text(language, f"{PAGE}.change", **values)


def role_name(code: str, registry: Registry, language: str) -> str:
    """What a role is called; a code that is none of today's stays as it is."""
    if code in registry.groups:
        return wording.in_language(registry.groups[code], "name", language)
    return ROLE_NAMES[language].get(code, code)


def tabulate_acts(
    frame: pd.DataFrame, registry: Registry, language: str
) -> DisplayTable:
    """The same under people's headings."""
    words = {"action": ACTIONS[language]}
    kinds = {"received": "time"}
    return tabulate(frame, registry, language, section=PAGE, words=words, kinds=kinds)

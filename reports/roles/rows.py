"""The record of acts as rows: who did what, when, and of what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Protocol

import pandas as pd

from data_pipeline.registry import Registry
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue

PAGE = "roles"
ACTIONS = catalogue.texts(f"{PAGE}.action")
DETAILS = catalogue.texts(f"{PAGE}.detail")


class Act(Protocol):
    """As `data_pipeline.store.audit.Act`."""

    sequence: int
    at: Any
    actor: str
    action: str
    details: Any


def list_acts(acts: Sequence[Act], language: str) -> pd.DataFrame:
    """A row an act, the latest first; `received` in UTC, without a zone."""
    lines = [
        {
            "received": act.at.astimezone(UTC).replace(tzinfo=None),
            "actor": act.actor,
            "action": act.action,
            "about": _about(act, language),
            "act_number": act.sequence,
        }
        for act in reversed(acts)
    ]
    columns = ["received", "actor", "action", "about", "act_number"]
    return pd.DataFrame(lines, columns=columns)


def _about(act: Act, language: str) -> str:
    def words(value: Any) -> str:
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    named = DETAILS[language]
    return " · ".join(
        f"{named.get(name, name)} {words(value)}" for name, value in act.details.items()
    )


def tabulate_acts(
    frame: pd.DataFrame, registry: Registry, language: str
) -> DisplayTable:
    """The same under people's headings."""
    words = {"action": ACTIONS[language]}
    kinds = {"received": "time"}
    return tabulate(frame, registry, language, section=PAGE, words=words, kinds=kinds)

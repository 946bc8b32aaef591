"""The cards of 口径: which methods are explained there (reports/words/methods.toml)."""

from __future__ import annotations

from reports.words import catalogue


def cards() -> tuple[str, ...]:
    """Ids of all cards, in the order of the catalogue."""
    parts = (key.split(".") for key in catalogue.all_terms())
    return tuple(
        card for file, card, *field in parts if file == "methods" and field == ["title"]
    )

"""Units by credibility rules: how many flags, each number a link to them.

A table of real headings and links, so that a key, a screen reader and a second tab
work; one component without iframe or outside request.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import streamlit as st

from data_pipeline.registry import load_registry
from reports.ledger_quality import rows as flag_words
from reports.words import wording
from ui.selection import Selection

_FOLDER = Path(__file__).parent
# Registered once, at import.
_MATRIX = st.components.v2.component(
    "flag_matrix",
    html='<div class="scroll" role="region" tabindex="0"><table></table></div>',
    css=(_FOLDER / "flag_matrix.css").read_text("utf-8"),
    js=(_FOLDER / "flag_matrix.js").read_text("utf-8"),
)


def draw_flag_matrix(found: pd.DataFrame, choice: Selection, page: str) -> None:
    """Draw how many flags of `flags.Flags.found` each unit has by rule."""
    registry = load_registry()
    names = flag_words.rule_words(registry, choice.lang)

    def link(**changes: str | None) -> str:
        kept = {"group": None, "unit": None, "span": choice.extra.get("span")}
        return choice.link(page, **(kept | changes))

    lines = []
    for line in flag_words.flag_matrix(found, registry, choice.lang):
        place = {key: line[key] for key in ("group", "unit") if key in line}
        cells = [
            {"text": text}
            if text == wording.UNDEFINED
            else {
                "text": text,
                "to": link(**place, rule=rule),
                "label": f"{line['name']} {names[rule].name} {text}",
            }
            for rule, text in zip(names, line["cells"], strict=True)
        ]
        is_group = "group" in line
        to = link(**place)
        row = {"name": line["name"], "to": to, "isGroup": is_group, "cells": cells}
        lines.append(row)
    matrix = {
        "caption": choice.text("ledger_quality.matrix"),
        "corner": wording.DIMENSION_LABELS["unit"][choice.lang],
        "rules": [{"name": names[r].name, "to": link(rule=r)} for r in names],
        "lines": lines,
    }
    # As text: Streamlit turns what is not plain JSON into its Python spelling.
    data = {"matrix": json.dumps(matrix, ensure_ascii=False)}
    _MATRIX(key="flag-matrix", data=data)

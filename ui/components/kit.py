"""What the components are made of: files, and the colours of hot and cold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import streamlit as st

from reports.figures.colours import PALETTES

_FOLDER = Path(__file__).parent


def register(
    name: str, html: str, style: str, *scripts: str, lead: str = "", **options: Any
) -> Any:
    """A component of files of this folder, its `scripts` one after another.

    To be called once, at import: a second time would reload every open picture. `lead`
    is script that stands before them; `options` are Streamlit's.
    """
    parts = [lead, *((_FOLDER / file).read_text("utf-8") for file in scripts)]
    css = (_FOLDER / style).read_text("utf-8")
    return st.components.v2.component(
        name, html=html, css=css, js="\n".join(parts), **options
    )


def register_picture(name: str, html: str, style: str, *scripts: str) -> Any:
    """As `register`, for what is painted hot and cold: kit.js before its `scripts`."""
    palettes = {
        palette.name: {
            "page": palette.page,
            "ink": palette.ink,
            "hatch": palette.hatch,
            "pairs": palette.pairs(),
        }
        for palette in PALETTES
    }
    lead = f"const PALETTES = {json.dumps(palettes)};"
    return register(name, html, style, "kit.js", *scripts, lead=lead)

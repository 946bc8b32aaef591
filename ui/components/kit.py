"""What the drawn components are made of: files, and the colours of hot and cold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import streamlit as st

from reports.figures.colours import PALETTES

_FOLDER = Path(__file__).parent


def register(name: str, html: str, style: str, *scripts: str) -> Any:
    """A component of files of this folder, kit.js before its own `scripts`.

    To be called once, at import: a second time would reload every open picture.
    """
    palettes = {
        palette.name: {
            "page": palette.page,
            "ink": palette.ink,
            "hatch": palette.hatch,
            "pairs": palette.pairs(),
        }
        for palette in PALETTES
    }
    parts = [f"const PALETTES = {json.dumps(palettes)};"]
    files = ("kit.js", *scripts)
    parts += [(_FOLDER / file).read_text("utf-8") for file in files]
    css = (_FOLDER / style).read_text("utf-8")
    return st.components.v2.component(name, html=html, css=css, js="\n".join(parts))

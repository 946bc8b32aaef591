"""What the components are made of: files, and the colours of hot and cold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from reports.figures.colours import PALETTES

_FOLDER = Path(__file__).parent


def register(
    name: str, html: str, style: str, *scripts: str, lead: str = "", **options: Any
) -> Any:
    """A component of files of this folder, its `scripts` one after another.

    To be called once, at import: a second time would reload every open picture.
    `style` is "" for what the page's own is enough for, `lead` is script that stands
    before them; `options` are Streamlit's.
    """
    parts = [lead, *((_FOLDER / file).read_text("utf-8") for file in scripts)]
    css = (_FOLDER / style).read_text("utf-8") if style else None
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


def to_bytes(data: Mapping[str, Any]) -> bytes:
    """What a picture is sent as; raises TypeError, ValueError if it is no plain JSON.

    As UTF-8 bytes Chinese takes half the room of Streamlit's own escaped JSON.
    """
    compact = {"allow_nan": False, "separators": (",", ":")}
    return json.dumps(data, ensure_ascii=False, **compact).encode()


def join(written: bytes, data: Mapping[str, Any]) -> bytes:
    """What `to_bytes` has written of one part, and `data` beside it.

    >>> join(to_bytes({"a": 1}), {"b": 2})
    b'{"a":1,"b":2}'
    """
    return written[:-1] + b"," + to_bytes(data)[1:]


def mount(component: Any, content: bytes, key: str) -> Any:
    """Draw a component; return what was just clicked in it, else None."""
    return component(data=content, key=key, on_clicked_change=heard).clicked


def heard() -> None:
    """Streamlit hands out the values only of events that have a callback."""

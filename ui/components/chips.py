"""What is chosen, as one row on a phone: a click shows the controls and hides them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent
# Registered once, at import.
_CHIPS = st.components.v2.component(
    "chips",
    html='<button type="button" aria-expanded="false"></button>',
    css=(_FOLDER / "chips.css").read_text("utf-8"),
    js=(_FOLDER / "chips.js").read_text("utf-8"),
)


def draw_chips(label: str, words: Sequence[str]) -> None:
    """Draw the row; only a narrow screen shows it and hides the controls below.

    `label` is what the row is, `words` what is chosen.
    """
    chips = json.dumps({"label": label, "words": list(words)}, ensure_ascii=False)
    _CHIPS(key="chips", data={"chips": chips})

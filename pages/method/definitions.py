"""口径: the registry as a readable page, the same words as in the files and exports."""

import streamlit as st

from data_pipeline.registry import load_registry
from ui import selection
from ui.parts import definitions
from ui.roles import require

require("definitions")
choice = selection.current()
registry = load_registry()

st.title(choice.text("definitions.title"), anchor=False)
part = selection.choose_word(
    choice,
    "part",
    {part: choice.text(f"definitions.part.{part}") for part in definitions.PARTS},
    label=choice.text("definitions.parts"),
)
definitions.PARTS[part](choice, registry)

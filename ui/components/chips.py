"""What is chosen, as one row on a phone: a click shows the controls and hides them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ui.components.kit import register

# Registered once, at import.
_CHIPS = register(
    "chips",
    '<button type="button" aria-expanded="false"></button>',
    "chips.css",
    "chips.js",
)


def draw_chips(label: str, words: Sequence[str]) -> None:
    """Draw the row; only a narrow screen shows it and hides the controls below.

    `label` is what the row is, `words` what is chosen.
    """
    chips = json.dumps({"label": label, "words": list(words)}, ensure_ascii=False)
    _CHIPS(key="chips", data={"chips": chips})

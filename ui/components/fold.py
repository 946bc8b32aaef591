"""What folds on a phone: a button that opens and closes what stands around it."""

from __future__ import annotations

from typing import Any

from ui.components.kit import register

# Registered once, at import.
_FOLD = register(
    "fold",
    '<button type="button" aria-expanded="false"></button>',
    "fold.css",
    "fold.js",
)


def draw_fold(words: str, *, around: str) -> None:
    """Draw the button in the first row of the container of the key `around`.

    Only a narrow screen shows it: `frame.css` hides there all other rows of a container
    whose key begins with "fold-", as long as the button has not opened it. `words` are
    what is inside.
    """
    data: dict[str, Any] = {"words": words, "around": around}
    _FOLD(key=f"button-{around}", data=data)

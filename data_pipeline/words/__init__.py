"""What the pipeline says: its words beside the registry.

`text` says something by its key in the TOML files of this folder. What those who file
ledgers read is in Chinese only, what a command says of itself in English only. The
standard library alone, as in `catalogue`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data_pipeline.words.catalogue import Catalogue

FOLDER = Path(__file__).parent
CATALOGUE = Catalogue(FOLDER, "data_pipeline/words", required=())


def text(language: str, key: str, **values: Any) -> str:
    """The text of `key` with its {placeholders} filled.

    Raises
    ------
    KeyError
        No such key, not said in that language, or a placeholder without a value.

    Examples
    --------
    >>> text("zh", "refusals.E_PERIOD.outside.reason", start="2016-04", end="2016-12")
    '不在 2016-04 至 2016-12 之内'
    """
    return CATALOGUE.text(language, key, **values)


def texts(section: str, language: str = "zh") -> dict[str, str]:
    """The texts of a section in one language, in the order of the file."""
    return CATALOGUE.texts(section, language)

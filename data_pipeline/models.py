"""The table of contents of the SQL: every model, in the order of making, by its parts.

What is made of the ledger's rows is made month by month, of one month's files alone: a
build holds one month, and the next one makes those anew that have changed.
"""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path

from data_pipeline.measured_names import (
    measured_parts,
    part_without_month,
    staged_tables,
)
from data_pipeline.registry import Registry
from data_pipeline.reuse import ReusingEngine
from data_pipeline.sql_text import MEASURED, all_names, sql_text

FINE_LEAF = "fine_leaf"


class Each(enum.Enum):
    """What a model is made for: all at once, or one part after the other.

    FILED_MONTH: a month that ledgers speak of, with its files alone and what the month
    before carries into it. MONTH: such a month that has begun, or all that have begun
    without a ledger. LEAF: the same, and each of the parts in which metrics of filed
    tables are counted, over ledgers by month.
    """

    ALL = "all"
    FILED_MONTH = "filed_month"
    MONTH = "month"
    LEAF = "leaf"


@dataclasses.dataclass(frozen=True)
class Model:
    """One SQL file. A mart is written to Parquet, staging stays a view.

    is_held: many metrics count its rows, so they are made once and kept for the build.
    is_state: few rows, in order, that mostly stay what they were when it is made anew.
    """

    name: str
    layer: str
    is_held: bool = False
    each: Each = Each.ALL
    is_state: bool = False

    @property
    def is_mart(self) -> bool:
        return self.layer == "marts"

    def sql(self, registry: Registry, part: str = "") -> str:
        """The text that makes a part of it."""
        return sql_text(self._text_name(registry, part), registry)

    def text_names(self, registry: Registry) -> list[str]:
        """The names of all texts that it is made by, as `sql_text` takes them."""
        parts = measured_parts(registry) if self.name == FINE_LEAF else ()
        return [self._text_name(registry, part) for part in ("", *parts)]

    def _text_name(self, registry: Registry, part: str) -> str:
        # What counts the rows of filed tables has a text for each set of tables.
        counted = part_without_month(part)
        if self.name == FINE_LEAF and counted in measured_parts(registry):
            return f"{MEASURED}/{counted}"
        return f"{self.layer}/{self.name}"

    def path(self, folder: Path, part: str) -> Path:
        """Where a mart, or a part of it, lies in the folder of a snapshot."""
        name = f"{self.name}/{part}" if part else self.name
        return folder / f"{name}.parquet"

    def make(
        self, engine: ReusingEngine, registry: Registry, folder: Path, part: str = ""
    ) -> None:
        """Write the mart into a folder, or put up the view."""
        select = self.sql(registry, part)
        if self.is_mart:
            engine.write(self.name, select, self.path(folder, part))
        else:
            engine.view(self.name, select)
            if self.is_held:
                engine.hold(self.name)


# The table of contents of the SQL, in the order in which the models need each other.
MODELS = (
    Model("submissions", "staging"),
    Model("roll", "marts"),
    Model("draw", "staging"),
    Model("check_filed", "staging"),
    Model("drawn_check", "marts"),
    Model("drawn", "marts"),
    Model("spot_check", "staging"),
    Model("weak_case", "staging"),
    Model("frame", "marts"),
    Model("random_found", "marts"),
    Model("reached_branches", "marts", is_state=True),
    Model("ledger_filed", "staging", each=Each.FILED_MONTH),
    Model("arrivals", "marts", each=Each.FILED_MONTH),
    Model("adding_units", "marts", is_state=True),
    Model("superseded", "marts", each=Each.FILED_MONTH),
    Model("ledger_latest", "staging", each=Each.FILED_MONTH),
    Model("ledger_to_date", "staging", each=Each.FILED_MONTH),
    Model("ledger", "staging", each=Each.FILED_MONTH),
    Model("ledger_sums", "marts", each=Each.FILED_MONTH),
    Model("branch_spread", "marts", each=Each.FILED_MONTH),
    Model("claims", "marts", each=Each.FILED_MONTH),
    Model("carried", "marts", each=Each.FILED_MONTH, is_state=True),
    Model("spine", "marts"),
    Model("claimed_before", "marts"),
    Model("receipts", "staging", each=Each.MONTH),
    Model("filing", "marts", each=Each.MONTH, is_state=True),
    Model(FINE_LEAF, "marts", each=Each.LEAF),
    Model("leaf", "marts", each=Each.LEAF),
)


def models(registry: Registry) -> tuple[Model, ...]:
    """MODELS and, before what counts them, the tables that are staged all alike."""
    staged = [Model(name, "staging", True) for name in staged_tables(registry)]
    at = MODELS.index(Model(FINE_LEAF, "marts", each=Each.LEAF))
    return (*MODELS[:at], *staged, *MODELS[at:])


# What every query of sql/checks says of a row.
CHECK_COLUMNS = (
    *("rule", "month", "unit", "sector", "branch"),
    *("column_name", "total", "other_name", "other_total"),
    *("source_file", "source_sheet", "source_row"),
)
# Every ledger row once for each count: only the checks look at that much.
CHECKED_ROWS = Model("ledger_long", "staging")
CHECKS = tuple(
    Model(name.removeprefix("checks/"), "checks")
    for name in all_names()
    if name.startswith("checks/")
)

"""What the plain programs read beside the rows of the lake, whatever engine they use.

The registry and the manifest as rows, the files of each table, and lists of columns: a
program that makes the marts from nothing needs these and would be given them.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from data_pipeline.inputs import input_rows
from data_pipeline.measured_names import OWN_MODELS
from data_pipeline.registry import Measure, Metric, Registry, Table, load_registry
from data_pipeline.registry.definitions import DIMENSIONS, PLACE_TYPES, Verified
from data_pipeline.registry.schema import stored_schema
from data_pipeline.store.lake import Lake
from data_pipeline.store.manifest import in_force

# Where a row of sums lies, and what the places of a measured row are called.
PLACE = ["month", "unit", "township", "sector", "branch_type", "is_weak_base"]
PAIR = ["month", "unit", "sector"]
PLACED = ["supervision_group", *PLACE[1:]]
CHECK = ["check_date", "branch", "supervision_group"]
COUNTS = ["numerator", "denominator", "n_blank"]
# Mart -> how its rows are laid down, where a reader relies on it.
ORDER = {
    "adding_units": ["unit"],
    "reached_branches": ["branch"],
    "branch_spread": ["metric", "month"],
    "carried": ["month", "unit", "reporter"],
    "claimed_before": ["metric", "month", "branch"],
    "filing": ["month", "unit"],
    "fine_leaf": ["metric", "month"],
    "leaf": ["metric", "month"],
}
# What no mart is made of.
_UNREAD = {"note", "source_sheet", "source_row"}


@dataclasses.dataclass(frozen=True)
class PeerInputs:
    """What is known of a lake before a row of it is read.

    rows: months (that have begun), metrics, units, rounds, owed and manifest, each a
    list of dicts as `data_pipeline.inputs` has them; submissions of the manifest have
    their revision, 1 for the first received. paths: table -> its files in force.
    """

    registry: Registry
    rows: Mapping[str, list[dict]]
    paths: Mapping[str, list[Path]]

    @functools.cached_property
    def revisions(self) -> dict[int, int]:
        """Submission, by its number in the manifest -> its revision."""
        return {one["sequence"]: one["revision"] for one in self.rows["manifest"]}

    @functools.cached_property
    def ledger(self) -> Table:
        return self.registry.tables["ledger"]

    @functools.cached_property
    def cumulative(self) -> list[str]:
        return [c.name for c in self.ledger.columns if c.kind == "cumulative"]

    @functools.cached_property
    def differences(self) -> dict[str, tuple[str, str]]:
        """Column that is one count of a ledger row less another -> both."""
        return {
            d.name: (d.minuend, d.subtrahend)
            for d in self.registry.derived.values()
            if d.table == "ledger"
        }

    @functools.cached_property
    def bits(self) -> dict[str, int]:
        """Count of a ledger row -> its sign in the pattern of blanks."""
        known = [*self.ledger.counts, *self.differences]
        return {name: 2**position for position, name in enumerate(known)}

    @functools.cached_property
    def topics(self) -> list[str]:
        counts = set(self.ledger.counts)
        return [
            topic.id
            for topic in self.registry.calendar.topics
            if {f"n_branches_{topic.id}", f"n_speakers_{topic.id}"} <= counts
        ]

    @functools.cached_property
    def summed(self) -> dict[str, tuple[str, ...]]:
        """Column of the sums -> the counts that must be known for it to be."""
        counted = {
            d.name: d.of
            for d in self.registry.derived.values()
            if d.table == "ledger_sums" and not d.of_topic
        }
        return {name: (name,) for name in self.bits} | counted

    @functools.cached_property
    def topic_of_month(self) -> str:
        """The name under which metrics ask for the topic of the month; '' for none."""
        derived = self.registry.derived.values()
        return next((d.name for d in derived if d.of_topic), "")

    def metrics(self, key: str) -> list[dict]:
        """The metrics that are clustered or verified."""
        return [metric for metric in self.rows["metrics"] if metric[key]]

    def metrics_of(self, *sources: str) -> list[dict]:
        return [m for m in self.rows["metrics"] if m["source"] in sources]

    @functools.cached_property
    def measured(self) -> list[Metric]:
        return [m for m in self.registry.metrics.values() if m.is_measured]

    @functools.cached_property
    def verified(self) -> list[Verified]:
        """What checks find, each once."""
        metrics = self.registry.metrics.values()
        return list(dict.fromkeys(m.verified for m in metrics if m.verified))

    def columns(self, table: str) -> list[str]:
        """The stored columns that marts are made of."""
        described = self.registry.lake_tables[table]
        unread = {*_UNREAD, *(["supervision_group"] if table == "ledger" else [])}
        unread -= set(described.key)
        return [n for n in stored_schema(described).names if n not in unread]

    @property
    def read_tables(self) -> list[str]:
        """The tables that marts are made of."""
        return [*OWN_MODELS, "draw", *(table.name for table in self.staged())]

    def staged(self) -> list[Table]:
        """Tables that are counted and have no model of their own."""
        sides = [m.counted for m in self.measured] + [m.base for m in self.measured]
        names = {side.table for side in sides if side}
        tables = self.registry.tables
        return [tables[name] for name in sorted(names) if name not in OWN_MODELS]

    def categories(self, metric: Metric) -> tuple[list[str], list[str]]:
        """The categories of its numerator, and those that its denominator shares."""
        own = [name for name in metric.dimensions if name not in DIMENSIONS]
        return own, [name for name in own if name not in metric.split_by]

    def clocks(self, measure: Measure) -> list[tuple[str, str, str]]:
        """Column, its type and "to_date" or another time, the first clock first."""
        table = self.registry.lake_tables[measure.table]
        times = [measure.time, *("to_date" for _ in measure.clock[1:])]
        return [
            (name, table.column(name).type, time)
            for name, time in zip(measure.clock, times, strict=False)
        ]

    def stands_anywhere(self, measure: Measure) -> bool:
        """Whether the branches it counts stand where they are, not where its row is."""
        table = self.registry.lake_tables[measure.table]
        return measure.aggregate == "branches" and bool(table.branch_anywhere)


def own_places(table: Table) -> dict[str, str]:
    """unit, sector, supervision_group, township -> the column of a table for it."""
    own = {place: table.of_type(type)[:1] for place, type in PLACE_TYPES.items()}
    own["township"] = tuple(c.name for c in table.columns if c.name == "township")
    return {place: names[0] for place, names in own.items() if names}


def read_inputs(root: Path) -> PeerInputs:
    """All that a lake and the registry say before a stored file is opened."""
    registry = load_registry()
    submissions = Lake(root).submissions()
    files = [file for one in in_force(submissions) for file in one.files]
    rows: dict[str, list[dict]] = {}
    for name, of_file in input_rows(
        registry, submissions, files, datetime.now(UTC)
    ).items():
        rows.setdefault(name.split("/")[0], []).extend(of_file)
    rows["manifest"].sort(key=lambda one: (one["received"], one["sequence"]))
    for revision, one in enumerate(rows["manifest"], 1):
        one["revision"] = revision
    paths = {
        table: [root / file.path for file in files if file.table == table]
        for table in registry.lake_tables
    }
    return PeerInputs(registry, rows, paths)

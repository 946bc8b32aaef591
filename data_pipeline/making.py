"""Makes the models of a snapshot part by part: of the ledger one month after the other.

While a month is made, the names of what goes by months stand for that month alone. The
months without a ledger have few rows and are made together: to plan a part costs more
than to count it. What crosses months stands in two marts: `carried`, what month-only
figures are added to, and the sums of the months that a metric remembers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

from data_pipeline.inputs import (
    NOTHING_CARRIED,
    bind_inputs,
    bind_table,
    filed_months,
)
from data_pipeline.measured_names import parts_by_months
from data_pipeline.models import Each, Model, models
from data_pipeline.registry import Registry
from data_pipeline.reuse import ReusingEngine
from data_pipeline.store.manifest import StoredFile

# The part of the months that have begun and that no ledger speaks of.
UNFILED = "unfiled"


def make_models(
    engine: ReusingEngine,
    root: Path,
    folder: Path,
    registry: Registry,
    files: Sequence[StoredFile],
    progress: Callable[[str, int, int], None] | None = None,
    on_month: Callable[[str, int, int], None] | None = None,
) -> None:
    """Make every model in the folder of a new snapshot, where its inputs lie.

    Parameters
    ----------
    files
        Of the lake, whose rows count.
    progress
        Called as progress(name of the model, done, of how many).
    on_month
        Called when a month is whole as on_month(month, parts made, of how many); the
        others were taken over.
    """
    turning = _Turning(engine, root, folder, registry, files)
    every = models(registry)
    parts = turning.parts
    n_steps, done = sum(len(parts[model.each]) for model in every), 0
    for each, group in itertools.groupby(every, lambda model: model.each):
        run = tuple(group)
        for part in parts[each]:
            turning.turn_to(each, part)
            for model in run:
                if progress:
                    progress(model.name, done, n_steps)
                model.make(engine, registry, folder, part)
                done += 1
            if on_month and each is Each.LEAF and part in parts[Each.FILED_MONTH]:
                on_month(part, *_count_parts(engine, part))
        turning.turn_back(each, run)


def _count_parts(engine: ReusingEngine, month: str) -> tuple[int, int]:
    """How many parts of a month were made, and how many it has.

    What says who filed is found anew with each ledger, and is no work.
    """
    places = [
        place
        for place in engine.keys
        if place.endswith(f"/{month}.parquet") and not place.startswith("filing/")
    ]
    return sum(place not in engine.taken for place in places), len(places)


class _Turning:
    """Which part the names stand for that go by parts.

    parts : `Each` -> the parts in the order in which they are made. made : the models
    made so far. months : the parts of the months that have begun, and counted : those
    that count rows of filed tables -> their months.
    """

    def __init__(
        self,
        engine: ReusingEngine,
        root: Path,
        folder: Path,
        registry: Registry,
        files: Sequence[StoredFile],
    ):
        self.engine, self.root, self.folder = engine, root, folder
        self.registry, self.files = registry, files
        begun = tuple(sorted(path.stem for path in folder.glob("months/*.parquet")))
        filed = filed_months(registry, files)
        self.months = {month: (month,) for month in begun if month in filed}
        if unfiled := tuple(month for month in begun if month not in filed):
            self.months[UNFILED] = unfiled
        self.counted = parts_by_months(registry, begun, filed)
        self.parts = {
            Each.ALL: ("",),
            Each.FILED_MONTH: filed,
            Each.MONTH: tuple(self.months),
            Each.LEAF: (*self.months, *self.counted),
        }
        self.made: list[Model] = []
        bind_inputs(engine, root, folder, registry, files)

    def turn_to(self, each: Each, part: str) -> None:
        """Bind what a part reads, and no more."""
        if each is Each.FILED_MONTH:
            self._turn_to_filed(part)
        elif each is not Each.ALL and part in self.months:
            self._bind("made_month", self.folder / "months", self.months[part])
        if each is Each.MONTH:
            self._bind_filed("arrivals", self.months[part])
        elif each is Each.LEAF:
            self._turn_to_leaf(part)

    def turn_back(self, each: Each, run: Sequence[Model]) -> None:
        """Have the names stand for all that was made."""
        self.made += run
        if each is Each.FILED_MONTH:
            bind_inputs(self.engine, self.root, self.folder, self.registry, self.files)
        if each is Each.MONTH:
            self._bind_filed("arrivals", self.parts[Each.FILED_MONTH])
        if each is not Each.ALL:
            self._show(each, self.parts[each])

    def _turn_to_filed(self, month: str) -> None:
        ledger = self.registry.lake_tables["ledger"]
        bind_table(self.engine, self.root, self.folder, ledger, self.files, month)
        self._bind("filed_months", self.folder / "filed_months", [month])
        months = self.parts[Each.FILED_MONTH]
        before = self.folder / "carried" / f"{_before(month, months)}.parquet"
        carried = before if before.exists() else self.folder / NOTHING_CARRIED
        self.engine.bind("carried", [carried])
        self._show(Each.FILED_MONTH, [month])

    def _turn_to_leaf(self, part: str) -> None:
        filed = self.parts[Each.FILED_MONTH]
        if part in self.months:
            months = self.months[part]
            self._bind("filing", self.folder / "filing", [part])
            kept = {m.remembered_month for m in self.registry.metrics.values()}
            read = [m for m in filed if m in months or (m in kept and m < months[-1])]
        else:
            read = months = self.counted[part]
            self._bind("months", self.folder / "months", months)
        self._bind_filed("ledger_sums", read)

    def _bind_filed(self, name: str, months: Sequence[str]) -> None:
        """Bind a mart of ledgers of some months; of one without, none of its rows."""
        filed = self.parts[Each.FILED_MONTH]
        # Of a month without a ledger the first has the columns, and no row that counts.
        read = [month for month in filed if month in months] or filed[:1]
        self._bind(name, self.folder / name, read)

    def _show(self, each: Each, parts: Sequence[str]) -> None:
        """Bind the parts of the marts made so far, and put their views up anew."""
        for model in self.made:
            if model.each is each and model.is_mart:
                self._bind(model.name, self.folder / model.name, parts)
            elif model.each is each:
                model.make(self.engine, self.registry, self.folder)

    def _bind(self, name: str, folder: Path, parts: Sequence[str]) -> None:
        paths = [folder / f"{part}.parquet" for part in parts]
        self.engine.bind(name, paths, alike=True)


def _before(month: str, months: Sequence[str]) -> str:
    return next((m for m in reversed(months) if m < month), "")

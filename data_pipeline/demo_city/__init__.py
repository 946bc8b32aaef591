"""A made-up city of 16,198 branches, to try and to test everything with.

It is written down as real workbooks in the style of the four supervision groups and
goes through the same `ingest` as real files. What really happened is kept beside them
in `truth.parquet`, `truth.json` and `truth_<table>.parquet` for each table of records,
which only tests and benchmarks read.
"""

import contextlib
import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from data_pipeline.demo_city import truth
from data_pipeline.demo_city.branches import make_branches
from data_pipeline.demo_city.check_details import add_details
from data_pipeline.demo_city.checks import draw_rounds, draw_spot_checks
from data_pipeline.demo_city.filings import plan_filings
from data_pipeline.demo_city.finding_answers import TABLE as ANSWERS
from data_pipeline.demo_city.finding_answers import draw_answers
from data_pipeline.demo_city.records import draw_records
from data_pipeline.demo_city.reporting import COUNTS, HABITS, Reported, make_ledger
from data_pipeline.demo_city.weak_cases import choose_hot_spots, draw_weak_cases
from data_pipeline.demo_city.workbooks import write_filings
from data_pipeline.disk import replace_file
from data_pipeline.registry import Registry, load_registry
from data_pipeline.statistics.sampling import Draw
from data_pipeline.store.draw_register import register_draw
from data_pipeline.store.ingest import Report, ingest_files
from data_pipeline.store.known_rows import KnownRows
from data_pipeline.store.lake import Lake
from data_pipeline.workbooks.read_workbook import open_files

TRUTH_FIGURES = "truth.parquet"
TRUTH_NOTES = "truth.json"
TRUTH_RECORDS = "truth_{table}.parquet"


@dataclasses.dataclass(frozen=True)
class Delivery:
    """A file as it reached the office: `received` carries its zone (+08:00)."""

    path: Path
    received: datetime
    group: str


def hand_in(
    deliveries: Sequence[Delivery],
    rounds: Sequence[Draw],
    lake: Lake,
    registry: Registry,
    progress: Callable[[str, int, int], None] | None = None,
) -> Report | None:
    """Register the draws and ingest the files, each at its time; inside `writing()`.

    Returns
    -------
    The report of the first file that is refused, None when all are taken.
    """
    known, left = KnownRows(lake, registry), list(rounds)
    paths = (delivery.path for delivery in deliveries)
    with contextlib.closing(open_files(paths)) as opened:
        for number, delivery in enumerate(deliveries):
            if progress is not None:
                progress("ingest", number, len(deliveries))
            while left and left[0].drawn_at <= delivery.received:
                register_draw(left.pop(0), lake, registry, is_demo=True)
                known.learn_new()
            report = ingest_files(
                [delivery.path],
                lake,
                registry,
                received=delivery.received,
                group=delivery.group,
                is_demo=True,
                known=known,
                opened=opened,
            )
            if report.refused or report.fault:
                return report
    known.keep()
    return None


def plan_rounds(seed: int = 2016, branches_share: float = 1.0) -> tuple[Draw, ...]:
    """The draws of the city that `write_workbooks` writes, in order."""
    branches = make_branches(seed, branches_share)
    hot_spots = choose_hot_spots(branches, seed)
    return draw_rounds(branches, draw_weak_cases(branches, hot_spots, seed), seed)


def write_workbooks(
    folder: Path,
    seed: int = 2016,
    progress: Callable[[str, int, int], None] | None = None,
    branches_share: float = 1.0,
    workers: int = 1,
) -> list[Delivery]:
    """Write the city's rolls, ledgers, checks and weak cases, and its truth.

    Parameters
    ----------
    folder
        Made when it does not exist; files of the same name are replaced.
    seed
        The same seed gives the same bytes.
    progress
        Called after each file with "workbooks", files done and files in all.
    branches_share
        In (0, 1]: share of each unit x sector's branches to keep, for a small city.
        The July totals shrink with it.
    workers
        Processes that write; more than one pay for a city of its full size.

    Returns
    -------
    list of Delivery
        In order of receiving: the rolls of April 2016 first.

    Raises
    ------
    ValueError
        `branches_share` outside (0, 1].
    """
    folder = Path(folder)
    branches = make_branches(seed, branches_share)
    draws = truth.draw(branches, seed)
    figures, reported = make_ledger(branches, draws, seed)
    hot_spots = choose_hot_spots(branches, seed)
    weak_cases = draw_weak_cases(branches, hot_spots, seed)
    rounds = draw_rounds(branches, weak_cases, seed)
    checks = draw_spot_checks(branches, figures, rounds, seed)
    checks = add_details(checks, branches, seed)
    records = draw_records(branches, figures, checks, load_registry(), seed)
    answers = draw_answers(branches, load_registry(), seed)
    filed = (branches, reported, checks, weak_cases, records, answers)
    filings = plan_filings(*filed, seed)
    folder.mkdir(parents=True, exist_ok=True)
    deliveries = []
    written = write_filings(filings, folder, workers)
    for n_done, (path, filing) in enumerate(zip(written, filings, strict=True), 1):
        deliveries.append(Delivery(path, filing.received, filing.group))
        if progress is not None:
            progress("workbooks", n_done, len(filings))
    _write_truth(folder, seed, branches, figures, reported, hot_spots)
    _write_records(folder, records.tables | {ANSWERS: answers})
    return deliveries


def _write_truth(
    folder: Path,
    seed: int,
    branches: pd.DataFrame,
    figures: truth.Figures,
    reported: Reported,
    hot_spots: pd.DataFrame,
) -> None:
    n_months = truth.N_MONTHS
    places = ["branch", "unit", "township", "sector", "branch_type"]
    table = branches.loc[branches.index.repeat(n_months), places]
    table = table.reset_index(drop=True)
    table.insert(1, "month", np.tile(truth.MONTHS, len(branches)))
    for column in COUNTS:
        table[column] = figures[column].ravel().astype("int32")
    content = table.to_parquet(compression="zstd", index=False)
    replace_file(folder / TRUTH_FIGURES, content, sync=False)

    weak = branches.loc[branches["is_weak_township"], ["unit", "township"]]
    notes = {
        "seed": seed,
        "n_branches": len(branches),
        "july_reported": {
            column: reported.total(column, truth.JULY)
            for column in ("n_lectures", "n_leader_speeches", "n_branches_topic_1")
        },
        "july_true": {
            column: int(figures[column][:, truth.JULY].sum())
            for column in ("n_lectures", "n_leader_speeches", "n_branches_topic_1")
        },
        "habits": [dataclasses.asdict(habit) for habit in HABITS],
        "weak_townships": weak.drop_duplicates().to_dict("records"),
        "weak_hot_spots": hot_spots.to_dict("records"),
    }
    text = json.dumps(notes, ensure_ascii=False, indent=1)
    replace_file(folder / TRUTH_NOTES, f"{text}\n".encode(), sync=False)


def _write_records(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Each table in codes, with the month whose filing holds a row, filed or not."""
    for name, table in tables.items():
        content = table.to_parquet(compression="zstd", index=False)
        replace_file(folder / TRUTH_RECORDS.format(table=name), content, sync=False)

"""The register of draws: every check list that was drawn, kept in the lake as it was.

A draw is a submission like any other: written aside, synced, linked into place, and in
being once its manifest entry is. What is random is decided by it (drawn_check.sql), so
nobody can call a branch random afterwards.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from data_pipeline.registry import Registry
from data_pipeline.registry.schema import stored_schema
from data_pipeline.statistics.sampling import (
    DRAW_STRATUM,
    LAYERS,
    Draw,
    prove_by_all_pass,
)
from data_pipeline.store.lake import Lake, Submission
from data_pipeline.store.manifest import in_force

TABLE = "draw"
_FACTS = ("draw", "month", "seed", "rate", "frame_sha256")


@dataclasses.dataclass(frozen=True)
class RegisteredDraw:
    """One line of the register; `submission` holds its branches."""

    id: str
    month: str
    seed: int
    rate: float
    frame_sha256: str
    submission: Submission

    @property
    def drawn_at(self) -> datetime:
        return self.submission.received


def draw_id(draw: Draw) -> str:
    """Month and eight digits made from all that decides the list.

    The same seed, rate and frame give the same id, so a repeated draw is the same one.
    """
    return f"{draw.month}-{_digest(draw)[:8]}"


def list_draws(lake: Lake) -> tuple[RegisteredDraw, ...]:
    """Every registered draw that was not withdrawn, in the order of registering."""
    return tuple(
        RegisteredDraw(*(rows.column(name)[0].as_py() for name in _FACTS), submission)
        for submission, rows in _read(lake, list(_FACTS))
    )


def list_ids(lake: Lake) -> set[str]:
    """The id of every registered draw."""
    return {rows.column("draw")[0].as_py() for _, rows in _read(lake, ["draw"])}


def register_draw(
    draw: Draw, lake: Lake, registry: Registry, *, is_demo: bool = False
) -> tuple[Draw, bool]:
    """Store a draw; call inside `lake.writing()`.

    Returns
    -------
    The draw, and whether it is new. One that had been registered is the same with the
    time of its first drawing, and the lake stays as it was.

    Raises
    ------
    OSError
        The lake cannot be written.
    """
    identity = draw_id(draw)
    for known in list_draws(lake):
        if known.id == identity:
            zone = registry.calendar.timezone
            drawn_at = known.drawn_at.astimezone(zone)
            return dataclasses.replace(draw, drawn_at=drawn_at), False
    lake.add(
        {TABLE: _to_table(draw, registry)},
        registry,
        file=f"{registry.stored[TABLE].sheet} {identity}",
        sha256=_digest(draw),
        received=draw.drawn_at,
        is_demo=is_demo,
    )
    return draw, True


def load_draw(registered: RegisteredDraw, lake: Lake, roll: pd.DataFrame) -> Draw:
    """The draw as it was registered, with names and townships from the roll.

    Parameters
    ----------
    roll
        `rates.read_roll`; a branch that has left it since keeps its code.
    """
    ((_, rows),) = lake.read(TABLE, _stored_columns(), (registered.submission,))
    order = rows.to_pandas()
    names = roll[["branch", "branch_name", "township"]]
    order = order.merge(names, on="branch", how="left")
    order = order.assign(
        is_weak=order["layer"] != "other",
        _rank=order["layer"].map(LAYERS.index),
    )
    order = order.sort_values(["_rank", "unit", "sector", "place"], ignore_index=True)
    strata = order.drop_duplicates(list(DRAW_STRATUM), ignore_index=True)
    strata = strata[[*DRAW_STRATUM, "is_weak", "n_frame", "n_drawn"]]
    return Draw(
        order=order.drop(columns="_rank"),
        strata=strata.assign(
            inclusion_probability=strata["n_drawn"] / strata["n_frame"]
        ),
        month=registered.month,
        rate=registered.rate,
        seed=registered.seed,
        frame_sha256=registered.frame_sha256,
        drawn_at=registered.drawn_at,
        all_pass_proves=prove_by_all_pass(strata["n_frame"], strata["n_drawn"]),
    )


def _read(lake: Lake, columns: list[str]) -> Iterator[tuple[Submission, pa.Table]]:
    # Of a damaged manifest what can be believed; to add to it is refused.
    counting = in_force(lake.manifest.read().submissions)
    yield from lake.read(TABLE, columns, counting)


def _stored_columns() -> list[str]:
    chances = ["inclusion_probability", "is_announced", "supervision_group"]
    return ["branch", *DRAW_STRATUM, "place", "n_frame", "n_drawn", *chances]


def _digest(draw: Draw) -> str:
    facts = (draw.month, draw.seed, repr(draw.rate), draw.frame_sha256)
    return hashlib.sha256("|".join(map(str, facts)).encode()).hexdigest()


def _to_table(draw: Draw, registry: Registry) -> pa.Table:
    table = registry.stored[TABLE]
    schema = stored_schema(table)
    schema = schema.remove(schema.get_field_index("sequence"))
    rows = draw.order.assign(
        draw=draw_id(draw),
        month=draw.month,
        seed=draw.seed,
        rate=draw.rate,
        frame_sha256=draw.frame_sha256,
        source_sheet=table.sheet,
        source_row=np.arange(1, len(draw.order) + 1),
    )
    return pa.Table.from_pandas(rows[schema.names], schema, preserve_index=False)

"""What each piece of work costs in a city, a province and beyond, and how it grows.

Every lake is one month of ledgers by branch: months are made one after the other, so
that a year costs twelve times as much and no more memory.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks import many_submissions
from benchmarks.province import write_province
from benchmarks.stopwatch import measure
from data_pipeline.rates import Marts, open_marts, read_ledger, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.store.known_rows import KnownRows
from data_pipeline.store.lake import Lake

READS = "reads.json"
N_READS = 20
# A size that nobody files in one workbook, but few enough to be stored in minutes.
FILES_A_TABLE = 20
WIDTH, HEIGHT, MARGIN = 230, 190, 46


@dataclasses.dataclass(frozen=True)
class Series:
    """One kind of cost, a value for each size."""

    name: str
    unit: str
    values: tuple[float, ...]

    def exponents(self, sizes: Sequence[int]) -> list[float]:
        """Between each two sizes: 1 is in proportion, 0 not at all."""
        return [
            math.log(b / a) / math.log(m / n)
            for (n, m), (a, b) in zip(
                itertools.pairwise(sizes), itertools.pairwise(self.values), strict=True
            )
        ]


def write_lake(root: Path, n_branches: int) -> None:
    """A month of ledgers, what new files are judged by, and a correction to hand in."""
    rows_per_file = max(5_000, n_branches // FILES_A_TABLE)
    write_province(root, n_branches, n_months=1, rows_per_file=rows_per_file)
    lake, registry = Lake(root), load_registry()
    with lake.writing():
        KnownRows(lake, registry).keep()
    file = next(f for s in lake.submissions() for f in s.files if f.table == "roll")
    first = pq.read_table(root / file.path).slice(0, 1)
    branch = {
        name: values.to_numpy(zero_copy_only=False)
        for name, values in zip(first.column_names, first.columns, strict=True)
        if not values.null_count
    }
    unit = registry.units[branch["unit"][0]]
    path = root / many_submissions.WORKBOOK
    month = registry.calendar.months[0]
    many_submissions.write_workbook(path, branch, month, registry, unit)


def time_reads(root: Path) -> None:
    """Milliseconds of processor time of a heatmap's query and of a click behind it."""
    marts = open_marts(root)
    unit, sector = (
        next(iter(n)) for n in (marts.registry.units, marts.registry.sectors)
    )
    cell = {"unit": [unit], "sector": [sector]}
    reads: dict[str, Callable[[Marts], object]] = {
        "query": lambda m: read_rates(m, "topic_1_coverage", by=["unit", "sector"]),
        "drill": lambda m: read_ledger(m, where=cell),
    }
    found = {}
    for name, read in reads.items():
        started = time.process_time()
        read(marts)
        found[f"first {name}"] = time.process_time() - started
        started = time.process_time()
        for _ in range(N_READS):
            read(marts)
        found[name] = (time.process_time() - started) / N_READS
    (root / READS).write_text(json.dumps(found), "utf-8")


def measure_growth(folder: Path, sizes: Sequence[int]) -> list[Series]:
    """One run of each work at each size, processor time."""
    columns: dict[tuple[str, str], list[float]] = {}
    for size in sizes:
        root = folder / str(size)
        measure(f"{__name__}:write_lake", root, size)
        build = measure("benchmarks.marts:run_build", root)
        reading = measure(f"{__name__}:time_reads", root)
        reads = json.loads((root / READS).read_text("utf-8"))
        ingest = measure("benchmarks.many_submissions:ingest_one_more", root)
        added = measure("benchmarks.many_submissions:build_one_more", root)
        for key, value in {
            ("build a month", "s"): build.processor,
            ("memory of that", "MB"): build.peak,
            ("ingest one workbook", "s"): ingest.processor,
            ("build after it", "s"): added.processor,
            ("heatmap query", "ms"): 1000 * reads["query"],
            ("first drill of a month", "ms"): 1000 * reads["first drill"],
            ("each drill after it", "ms"): 1000 * reads["drill"],
            ("memory of a reader", "MB"): reading.peak,
        }.items():
            columns.setdefault(key, []).append(value)
    return [Series(*key, tuple(values)) for key, values in columns.items()]


def to_markdown(series: Sequence[Series], sizes: Sequence[int]) -> str:
    """A row for each cost; its exponents stand between the sizes."""
    head = " | ".join(f"{size:,}" for size in sizes)
    lines = [
        "### Growth with the number of branches, one month",
        "",
        f"| processor time, memory | {head} | exponents |",
        "|---|" + "---|" * (len(sizes) + 1),
    ]
    for one in series:
        values = " | ".join(f"{_told(value)} {one.unit}" for value in one.values)
        said = ", ".join(f"{power:.2f}" for power in one.exponents(sizes))
        lines.append(f"| {one.name} | {values} | {said} |")
    return "\n".join([*lines, ""])


def to_svg(series: Sequence[Series], sizes: Sequence[int]) -> str:
    """Small multiples, both axes logarithmic; the last exponent beside each line."""
    panels = [_panel(one, sizes, number) for number, one in enumerate(series)]
    rows = math.ceil(len(series) / 4)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{4 * WIDTH}"'
        f' height="{rows * HEIGHT}" font-family="sans-serif" font-size="11">'
        '<rect width="100%" height="100%" fill="white"/>' + "".join(panels) + "</svg>\n"
    )


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _short(n: int) -> str:
    """A size that stands beside others below an axis.

    >>> _short(10_000), _short(4_500_000)
    ('10 k', '4.5 M')
    """
    return f"{n / 1e6:g} M" if n >= 1e6 else f"{n / 1e3:g} k"


def _panel(one: Series, sizes: Sequence[int], number: int) -> str:
    left, top = (number % 4) * WIDTH, (number // 4) * HEIGHT
    lows, highs = math.log10(min(one.values)), math.log10(max(one.values))
    # A decade of height at least, so that what hardly grows is drawn flat.
    middle, span = (lows + highs) / 2, max(highs - lows, 1.0)
    wide = math.log10(sizes[-1] / sizes[0])
    points = [
        (
            left + MARGIN + math.log10(n / sizes[0]) / wide * (WIDTH - 1.6 * MARGIN),
            top
            + HEIGHT / 2
            - (math.log10(v) - middle) / span * (HEIGHT - 2.6 * MARGIN),
        )
        for n, v in zip(sizes, one.values, strict=True)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    title = f"{one.name} ({one.unit})"
    power = f"{one.exponents(sizes)[-1]:.2f}"
    power = f'∝ n<tspan dy="-4" font-size="9">{power}</tspan>'
    parts = [
        f'<text x="{left + 12}" y="{top + 18}" font-weight="bold">{title}</text>',
        f'<text x="{left + 12}" y="{top + 34}" fill="#8a2d1c">{power}</text>',
        f'<polyline points="{path}" fill="none" stroke="#8a2d1c" stroke-width="2"/>',
    ]
    for (x, y), n, value in zip(points, sizes, one.values, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#8a2d1c"/>')
        middle_of = f'x="{x:.1f}" text-anchor="middle"'
        # With a rim, so that no line runs through a figure.
        rim = 'stroke="white" stroke-width="3" paint-order="stroke"'
        parts.append(f'<text {middle_of} y="{y - 9:.1f}" {rim}>{_told(value)}</text>')
        bottom = top + HEIGHT - 10
        parts.append(f'<text {middle_of} y="{bottom}" fill="#666">{_short(n)}</text>')
    return "".join(parts)

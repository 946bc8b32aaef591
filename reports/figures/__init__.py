"""Figures: a frame of rates in, a `Picture` (plotly schema and alt text) out."""

from reports.figures.overview import deadline_strip, filing_strip, progress_bars
from reports.figures.sectors import (
    missing_pareto,
    sector_bars,
    sector_dots,
    sector_months,
)
from reports.figures.style import Picture

__all__ = [
    "Picture",
    "deadline_strip",
    "filing_strip",
    "missing_pareto",
    "progress_bars",
    "sector_bars",
    "sector_dots",
    "sector_months",
]

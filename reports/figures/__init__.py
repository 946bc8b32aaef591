"""Figures: a frame of rates in, a `Picture` (plotly figure and alt text) out."""

from reports.figures.area import profile_rows
from reports.figures.leaders import leader_trends, reach_ceiling
from reports.figures.lines import month_lines
from reports.figures.overview import deadline_strip, filing_strip, progress_bars
from reports.figures.participation import leader_places, lecture_split
from reports.figures.sectors import (
    missing_pareto,
    sector_bars,
    sector_dots,
    sector_months,
)
from reports.figures.spread import dumbbell, equiplot, funnel, unevenness_trend
from reports.figures.style import Picture
from reports.figures.topics import speaking_steps, topic_curves
from reports.figures.weak import hotspot_bars, state_months, type_bars

__all__ = [
    "Picture",
    "deadline_strip",
    "dumbbell",
    "equiplot",
    "filing_strip",
    "funnel",
    "hotspot_bars",
    "leader_places",
    "leader_trends",
    "lecture_split",
    "missing_pareto",
    "month_lines",
    "profile_rows",
    "progress_bars",
    "reach_ceiling",
    "sector_bars",
    "sector_dots",
    "sector_months",
    "speaking_steps",
    "topic_curves",
    "state_months",
    "type_bars",
    "unevenness_trend",
]

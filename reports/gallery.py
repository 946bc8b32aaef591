"""Figures: a frame of rates in, a `Picture` (plotly figure and alt text) out."""

from reports.area_profile.figures import profile_rows
from reports.check_planner.figures import drawn_bars
from reports.figures.lines import month_lines
from reports.figures.style import Picture
from reports.leader_participation.destination_figures import lecture_destinations
from reports.leader_participation.figures import leader_places, lecture_split
from reports.leader_participation.trend_figures import leader_trends, reach_ceiling
from reports.overview.figures import deadline_strip, filing_strip, progress_bars
from reports.reported_vs_verified.figures import factor_bands, grade_bars, prepared_bias
from reports.reported_vs_verified.gap_figures import dumbbell
from reports.sector_gaps.figures import (
    missing_pareto,
    sector_bars,
    sector_dots,
    sector_months,
)
from reports.sector_gaps.unevenness_figures import (
    equiplot,
    funnel,
    unevenness_trend,
)
from reports.standard_page.figures import cascade_curves
from reports.topics_and_speaking.figures import (
    speaking_steps,
    topic_curves,
    topic_outcomes,
)
from reports.weak_organizations.figures import hotspot_bars, state_months, type_bars

__all__ = [
    "Picture",
    "cascade_curves",
    "deadline_strip",
    "drawn_bars",
    "dumbbell",
    "equiplot",
    "factor_bands",
    "filing_strip",
    "funnel",
    "grade_bars",
    "hotspot_bars",
    "leader_places",
    "leader_trends",
    "lecture_destinations",
    "lecture_split",
    "missing_pareto",
    "month_lines",
    "prepared_bias",
    "profile_rows",
    "progress_bars",
    "reach_ceiling",
    "sector_bars",
    "sector_dots",
    "sector_months",
    "speaking_steps",
    "topic_curves",
    "topic_outcomes",
    "state_months",
    "type_bars",
    "unevenness_trend",
]

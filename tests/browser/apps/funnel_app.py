"""A funnel alone, of made-up places that lie close together outside its limits."""

import pandas as pd
import streamlit as st

from data_pipeline.registry import load_registry
from reports.sector_gaps.unevenness_figures import funnel
from ui.components.plot import draw_plot

COUNTS = [(400, 420), (405, 426), (300, 420), (302, 423), (303, 426), (130, 190)]

st.set_page_config(layout="wide", page_title="funnel")
registry = load_registry()
rows = [
    (unit, *counts, counts[0] / counts[1], 0, 0)
    for unit, counts in zip(registry.units, COUNTS, strict=False)
]
columns = ["unit", "numerator", "denominator", "rate", "n_blank", "n_missing"]
frame = pd.DataFrame(rows, columns=columns)
metric = registry.metrics["topic_2_coverage"]
picture = funnel(frame, metric, registry, month="2016-07", city=0.84)
draw_plot(picture.untitled, picture.alt, key="plot-funnel")

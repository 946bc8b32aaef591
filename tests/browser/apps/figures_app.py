"""Every figure of the project on one page, each as it would stand alone."""

import streamlit as st

from tests.reports.test_figures import draw_all
from ui.components.plot import draw_plot

st.set_page_config(layout="wide", page_title="figures")
for name, picture in draw_all().items():
    draw_plot(picture.untitled, picture.alt, key=f"plot-{name}", is_clickable=True)

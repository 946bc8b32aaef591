"""A page with nothing but matrix and map, on made-up rates with every state in it."""

import dataclasses

import pandas as pd
import streamlit as st

from data_pipeline.registry import load_registry
from reports.belief import Belief, Beliefs, add_columns
from reports.figures.county_map import load_map
from reports.figures.matrix import Anchor, Captions, map_shapes, matrix_cells
from ui.components.hot_cold import hot_cold_map, hot_cold_matrix

ONLY = {"ZSJG": "organ", "GX": "school", "GQ": "soe", "LX": "nonpublic"}
CLASSES = {("350111", "nonpublic"): "very_cold", ("350124", "rural"): "cold"}


def made_up_rates(registry) -> pd.DataFrame:
    """Rates from 52 to 104 % by place, and every state that a cell can be in."""
    rows = []
    for i, unit in enumerate(registry.units):
        for j, sector in enumerate([None, *registry.sectors]):
            if unit in ONLY and sector not in (None, ONLY[unit]):
                continue
            counts = (100 + 37 * i, 60 + (i * 29 + j * 17) % 43, 0, 0)
            rows.append((unit, sector, *counts, CLASSES.get((unit, sector))))
    for j, sector in enumerate([None, *registry.sectors]):
        rows.append((None, sector, 1000, 79 - 2 * (j % 3), 0, 0, None))
    frame = pd.DataFrame(
        rows,
        columns=[
            *("unit", "sector", "denominator", "percent"),
            *("n_blank", "n_missing", "cell_class"),
        ],
    )
    frame["numerator"] = frame.denominator * frame.percent // 100
    frame["rate"] = frame.numerator / frame.denominator

    def put(unit, sector, **values):
        is_sector = frame.sector.isna() if sector is None else frame.sector == sector
        at = (frame.unit == unit) & is_sector
        for column, value in values.items():
            frame.loc[at, column] = value

    nothing = {"numerator": 0, "denominator": 0, "rate": None}
    put("350124", "soe", **nothing, n_missing=1)
    put("350124", None, n_missing=1)
    put("350128", None, **nothing, n_missing=6)
    put("350122", "school", **nothing, n_blank=1)
    put("350181", "rural", numerator=76, denominator=100, rate=0.76)
    put("350104", "school", numerator=206, denominator=200, rate=1.03)
    return frame


st.set_page_config(layout="wide", page_title="hot and cold")
registry = load_registry()
language = st.query_params.get("lang", "zh")
metric = registry.metrics["topic_1_coverage"]
frame = made_up_rates(registry)
anchor = Anchor("city", 0.79)
if st.query_params.get("doubted"):  # a cell can have no more signs than these
    beliefs = Beliefs(metric)
    beliefs.nothing = Belief(3, "direct", 15, 20, 0.622, 0.5, 0.7, 1.0, True)
    frame = add_columns(frame.assign(cell_class="hot"), beliefs)
    anchor = Anchor("city", 0.79, goal=Anchor("target", 0.6))
if hostile := st.query_params.get("hostile"):
    unit = dataclasses.replace(registry.units["350181"], name_zh=hostile)
    registry = dataclasses.replace(registry, units={**registry.units, unit.code: unit})
captions = Captions(
    title=hostile or getattr(metric, f"label_{language}"),
    subtitle="2016-07 · 上报 · 快照 20160815-1",
    notice="示例数据,不是真实统计",
    file_name="第一专题覆盖率_2016-07.png",
)
build = (frame, metric, registry, anchor, language)
left, right = st.columns([1.75, 1])
with left:
    cell = hot_cold_matrix(
        matrix_cells(*build, captions=captions, selected=st.query_params.get("at")),
        key="matrix",
    )
with right:
    places = map_shapes(
        *build,
        captions=captions,
        county_map=load_map(registry.map_path),
        selected=st.query_params.get("at"),
    )
    shape = hot_cold_map(places, key="map")
clicked = cell or shape
if clicked:
    st.query_params["at"] = clicked
    st.rerun()
st.text(f"at: {st.query_params.get('at')}")

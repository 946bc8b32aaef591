"""Lines over the months: one series, a panel of several, one metric by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from data_pipeline.rates import Snapshot
from data_pipeline.registry import Metric, Registry
from reports.belief import FLAG, row_signs
from reports.figures import style
from reports.figures.sheet import Sheet
from reports.figures.style import Picture
from reports.figures.titles import apart_of, largest_of, last_of, worst_of
from reports.words import catalogue, wording

END_COLUMNS = 16  # of a line of a name at the end of a line
WIDE_NAMES = 90  # pixels of such names that take a quarter of a phone
END_HEIGHT = 0.055  # of the drawing: one line of such a name
TEXTS = catalogue.texts("figures.lines")


def month_lines(
    frame: pd.DataFrame,
    metric: Metric,
    registry: Registry,
    language: str = "zh",
    *,
    city: pd.DataFrame | None = None,
    highlight: Sequence[str] = (),
    target: float | None = None,
    place: str = "",
    flagged: Mapping[str, int] | None = None,
    snapshot: Snapshot | None = None,
) -> Picture:
    """One metric over the months, a line for each place or word of a category.

    Parameters
    ----------
    frame
        `read_rates` by month, or by month and one more dimension.
    city
        `read_rates` by month of the whole city, drawn bold.
    highlight
        Codes to colour and name; all when there are no more than six.
    place
        Whose line it is when there is one; by default the city's.
    flagged
        By month how many flags speak against its figures.

    Returns
    -------
    Picture
        A month without a figure leaves a gap; customdata is [code, month]. The title
        says the last month of one line, and of several how far apart they have got:
        which is the worst is said by the bars of the last month.
    """
    texts = TEXTS[language]
    label = wording.in_language(metric, "label", language)
    sheet = Sheet(texts["months"].format(metric=label), language, snapshot)
    rows = style.records(frame)
    if not rows:
        return sheet.empty()
    named = {*wording.DIMENSION_LABELS, *registry.categories} - {"month"}
    dimension = next((name for name in frame.columns if name in named), None)
    city_rows = style.records(city) if city is not None else []
    months = sorted({row["month"] for row in [*rows, *city_rows]})
    about = (dimension, months, metric, registry, language)
    data, ends = panel(rows, city_rows, *about, highlight=highlight, place=place)
    signs = {month: f"{FLAG}{n}" for month, n in (flagged or {}).items() if n}
    sheet = sheet.titled(_finding(rows, *about, plain=sheet.title, signs=signs))
    # A target above all of them is in the drawing, too.
    values = [*(row["rate"] for row in [*rows, *city_rows]), target]
    known = [value for value in values if value is not None]
    top = max([1.0 if metric.unit == "share" else 0, *known], default=1) or 1
    spoken = [f"{e.name} {wording.rate_text(e.value, metric.unit)}" for e in ends]
    ends = [e._replace(name=wording.fold_name(e.name, END_COLUMNS)) for e in ends]
    notes = [_end_label(end) for end in _apart(ends, top)]
    shapes = []
    if target is not None:
        shapes.append(
            style.line(0, target, 1, target, style.TARGET, "dash", xref="paper")
        )
        at_left = {"xref": "paper", "xanchor": "left", "yanchor": "bottom"}
        said = texts["target"].format(value=wording.rate_text(target, metric.unit))
        about = {"font": {"color": style.TARGET}, **at_left}
        notes.append(style.label(said, 0, target, **about))
    right = 8 + style.left_margin(end.name for end in ends)
    marks, said = month_marks(metric, months, language, signs)
    below = [texts["due"]] * bool(marks)
    below += [texts["flagged"]] * bool(signs)
    if any(line["mode"] == "lines" for line in data):
        below.insert(0, texts["grey" if city_rows else "grey_alone"])
    return sheet.draw(
        data,
        wording.join(spoken, language),
        wording.join(below, language, "clauses"),
        height=400,
        left=52,
        right=right,
        # Beside wide names a phone has no room for every month.
        xaxis=style.month_axis(months, language, every=1 + (right > WIDE_NAMES)),
        yaxis=style.metric_axis(metric.unit, values),
        shapes=[*shapes, *marks],
        annotations=[*notes, *said],
    )


def month_marks(
    metric: Metric,
    months: Sequence[str],
    language: str,
    signs: Mapping[str, str] | None = None,
    **axes: str,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What explains a bend of a line by month: shapes and labels.

    A due day stands at the month whose figures it is judged by, `signs` below the name
    of theirs: on the drawing a line would strike them through.
    """
    shapes, notes = [], []
    at_top = {"yref": "paper", "font": {"color": style.TARGET}, **axes}
    for milestone in metric.milestones:
        month = f"{milestone.due:%Y-%m}" if milestone.due else ""
        if month not in months:
            continue
        shapes.append(style.upright(month, style.TARGET, "dot"))
        day = style.escape(wording.day_name(milestone.due, language))
        notes.append(style.label(day, month, 1, yanchor="bottom", **at_top))
    for month, sign in (signs or {}).items():
        if month in months:
            where = {"yanchor": "top", "yshift": -16, "yref": "paper", **axes}
            notes.append(style.label(sign, month, 0, **where))
    return shapes, notes


def _finding(
    rows: Sequence[Mapping[str, Any]],
    dimension: str | None,
    months: Sequence[str],
    metric: Metric,
    registry: Registry,
    language: str,
    *,
    plain: str,
    signs: Mapping[str, str],
) -> str:
    """The title of `month_lines`; `plain` where nothing stands out."""
    if not dimension:
        rates = {row["month"]: row["rate"] for row in rows}
        return last_of(rates, metric, language, plain=plain, signs=signs)
    spans: dict[str, list[float]] = {month: [] for month in months}
    for row in rows:
        if row["rate"] is not None:
            spans[row["month"]].append(row["rate"])
    if apart := apart_of(spans, metric, language):
        return apart
    last = (
        (
            wording.place_name(registry, dimension, row[dimension], language),
            row["rate"],
            row_signs(row),
        )
        for row in rows
        if row["month"] == months[-1]
    )
    find = largest_of if dimension in metric.split_by else worst_of
    return find(last, metric, language, plain=plain)


class End(NamedTuple):
    """Where a coloured line ends: its last value, whose it is, its colour."""

    value: float
    name: str
    color: str


def panel(
    rows: Sequence[Mapping[str, Any]],
    city_rows: Sequence[Mapping[str, Any]],
    dimension: str | None,
    months: Sequence[str],
    metric: Metric,
    registry: Registry,
    language: str,
    *,
    highlight: Sequence[str] = (),
    place: str = "",
    **axes: str,
) -> tuple[list[dict[str, Any]], list[End]]:
    """Traces of one panel of lines, and the ends of those that are coloured.

    `axes` are those of the panel (`multiples.Panel.axes`). The pale lines come first:
    they lie below.
    """
    by_code = _by_code(rows, dimension, registry)
    codes = list(by_code)
    chosen = set(highlight) or (set(codes) if len(codes) <= 6 else set())
    data, ends = [], []

    def add(
        code: str, values: Mapping[str, Any], name: str, color: str, width: float
    ) -> None:
        shown = [values.get(month) for month in months]
        named = zip(months, shown, strict=True)
        trace = series(
            months,
            shown,
            color,
            width=width,
            texts=[month_text(name, *at, metric, language) for at in named],
            codes=[[code, month] for month in months],
            name=style.escape(name),
            connectgaps=False,
            **{"xaxis": "x", "yaxis": "y"} | axes,
        )
        if width < 2:
            trace["mode"] = "lines"
        data.append(trace)
        last = last_known(shown)
        if last is not None and width >= 2:
            ends.append(End(last, name, color))

    for code in codes:
        if dimension and code not in chosen:
            name = wording.place_name(registry, dimension, code, language)
            add(code, by_code[code], name, style.PALE, 1)
    for position, code in enumerate(c for c in codes if c in chosen or not dimension):
        if dimension:
            about = (registry, dimension, code, language)
            name = wording.place_name(*about, is_short=True)
            own = style.SERIES[position % len(style.SERIES)]
            color = style.SECTORS.get(code) or own
        else:
            name, color = place or wording.CITY[language], style.DONE
        add(code, by_code[code], name, color, 2.5)
    if city_rows:
        values = {row["month"]: row["rate"] for row in city_rows}
        add("", values, wording.CITY[language], style.CITY, 3)
    return data, ends


def _by_code(
    rows: Sequence[Mapping[str, Any]], dimension: str | None, registry: Registry
) -> dict[str, dict[str, Any]]:
    """Rates by month of each place or word, in the registry's order."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        code = str(row[dimension]) if dimension else ""
        found.setdefault(code, {})[row["month"]] = row["rate"]
    order = list(registry.sectors if dimension == "sector" else registry.units)
    if dimension in registry.categories:
        order = list(registry.words(dimension).values())
    known = {code: position for position, code in enumerate(order)}
    codes = sorted(found, key=lambda code: (known.get(code, len(known)), code))
    return {code: found[code] for code in codes}


def series(
    x: Sequence[Any],
    y: Sequence[float | None],
    color: str,
    *,
    width: float = 2.5,
    size: float = 5,
    texts: Sequence[str] | None = None,
    codes: Sequence[Sequence[Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One line with a dot a value; None leaves a gap.

    Parameters
    ----------
    width, size
        Pixels of the line and of its dots.
    texts, codes
        See `style.hover`.
    more
        Further keys of the trace.
    """
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(x),
        "y": list(y),
        "line": {"color": color, "width": width},
        "marker": {"color": color, "size": size},
        # A dot on the edge, as each one at 0 %, is drawn whole.
        "cliponaxis": False,
        **style.hover(texts, codes),
        **more,
    }


def month_text(
    name: str, month: str, value: float | None, metric: Metric, language: str
) -> str:
    """What a point of a line says: whose, when, how much; escaped."""
    when = wording.month_name(month, language)
    return style.escape(f"{name} {when} {wording.rate_text(value, metric.unit)}")


def last_known(values: Sequence[float | None]) -> float | None:
    """The last value of a line; None where it has none."""
    return next((value for value in reversed(values) if value is not None), None)


def _end_label(end: End) -> dict[str, Any]:
    """A line's name at its end, at the right of the drawing."""
    return style.label(
        "<br>".join(map(style.escape, end.name.splitlines())),
        1,
        end.value,
        xref="x domain",
        yref="y",
        xanchor="left",
        xshift=2,
        align="left",
        font={"color": end.color},
    )


def _apart(ends: Sequence[End], top: float) -> list[End]:
    """Ends of lines moved just so far that their names do not cover each other.

    `top` is the end of the axis: what would go beyond it moves those below down.
    """
    placed = sorted(ends)
    room = [top * END_HEIGHT * len(end.name.splitlines()) for end in placed]
    least = [(here + above) / 2 for here, above in zip(room, room[1:], strict=False)]
    for at in range(1, len(placed)):
        lowest = placed[at - 1].value + least[at - 1]
        placed[at] = placed[at]._replace(value=max(placed[at].value, lowest))
    for at in reversed(range(len(placed))):
        highest = top if at == len(placed) - 1 else placed[at + 1].value - least[at]
        placed[at] = placed[at]._replace(value=min(placed[at].value, highest))
    return placed

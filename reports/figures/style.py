"""How every figure looks: fonts, colours, margins, title and footnote, in one place.

Figures are written as plain dictionaries of the plotly schema. The tests check them all
against it; a page sends them as they are, and draws the part of it that stands here
(`ui/components/plot_drawing.js`). Text takes the colour of the page it stands on; every
other colour is a mid tone that holds on a light and on a dark ground.
"""

from __future__ import annotations

import dataclasses
import functools
import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from data_pipeline.rates import Snapshot
from reports.words import catalogue, wording

if TYPE_CHECKING:
    import plotly.graph_objects as go

ORIGIN, NOTHING = catalogue.term("figures.origin"), catalogue.term("figures.nothing")

FONT = "'Middle Dot', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
# Orange and blue are kept for hot and cold; what is simply done is a quiet teal.
DONE = "#2f8f89"
LATE = "#c9a227"
COLD, NEUTRAL, HOT = "#3f86c9", "#8b949e", "#dd8230"
TARGET = "#d0505f"
CITY = "#737d88"
GRID = "rgba(128,138,150,0.20)"
BAND = "rgba(128,138,150,0.16)"
PALE = "rgba(128,138,150,0.55)"
EDGE = "rgba(255,255,255,0.85)"
CLEAR = "rgba(0,0,0,0)"
SECTORS: Mapping[str, str] = {
    "organ": "#4c7fc0",
    "school": "#8b6fc4",
    "rural": "#4b9a5f",
    "community": "#1f9aa6",
    "nonpublic": "#dd8230",
    "soe": "#b8607f",
}
# For lines that have no colour of their own.
SERIES = ("#4c7fc0", "#dd8230", "#4b9a5f", "#8b6fc4", "#b8607f", "#1f9aa6")
ON_BAR = "#ffffff"
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 16, 12, 11
# Pixels of one column of `wording.text_width` at TEXT_SIZE.
COLUMN_PIXELS = 6.6
NAME_COLUMNS = 22  # a longer name would leave a phone nothing to draw on
PHONE_COLUMNS = 56  # of a line of a subtitle on a phone
LINE = 16  # pixels of a further line of a subtitle
TOP, BOTTOM = 64, 62
_TAG = re.compile(r"<[^>]*>")
# What ends with a sign or two spaces, as the entries of a legend do; if that is still
# too wide, what a colon ends.
_PARTS = re.compile(r".+?(?:[；，]|[;,] | {2}|$)")
_CLAUSES = re.compile(r".+?(?:：|: |$)")
FOOTNOTE = "footnote"


# What is measured in pixels, wherever it stands in a figure.
LENGTHS = frozenset(
    (
        *("size", "height", "l", "r", "t", "b", "pad"),
        *("xshift", "yshift", "standoff", "ticklabelstandoff"),
    )
)


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """A figure, the sentence that stands for it when not seen, and its title.

    The figure carries title and footnote itself, so that it can be saved and believed
    on its own; a page that writes both around it draws `untitled` instead.
    """

    traces: list[dict[str, Any]]
    arrangement: dict[str, Any]
    alt: str
    # Why there is nothing to draw, where there is not.
    nothing: str = ""

    @property
    def title(self) -> str:
        """Its title as plain text."""
        return html.unescape(self.arrangement["title"]["text"])

    @functools.cached_property
    def figure(self) -> go.Figure:
        """The figure as it can be saved; a property that plotly lacks is an error."""
        import plotly.graph_objects as go

        return go.Figure(self.drawing)

    @property
    def drawing(self) -> dict[str, Any]:
        """The figure as a page sends it, unchecked."""
        return {"data": self.traces, "layout": self.arrangement}

    @functools.cached_property
    def untitled(self) -> Picture:
        """The same without title and footnote; the subtitle stays, folded."""
        whole = self.arrangement
        said = whole["title"].get("subtitle", {}).get("text", "")
        subtitle = "<br>".join(map(fold, said.split("<br>")))
        heading = _heading(subtitle, TEXT_SIZE, "normal") if subtitle else None
        notes = [n for n in whole["annotations"] if n.get("name") != FOOTNOTE]
        below = 24 * (len(whole["annotations"]) - len(notes))
        n_more = subtitle.count("<br>") - said.count("<br>")
        above = (24 if subtitle else 30) - LINE * n_more
        margin = whole["margin"]
        bare = {
            "title": heading,
            "annotations": notes,
            "margin": margin | {"t": margin["t"] - above, "b": margin["b"] - below},
            "height": whole["height"] - above - below,
        }
        return dataclasses.replace(self, arrangement=whole | bare)

    def enlarged(self, scale: float) -> Picture:
        """The same with every length in pixels times `scale`, to be read from afar."""
        traces = [_enlarge(trace, scale) for trace in self.traces]
        whole = _enlarge(self.arrangement, scale)
        return dataclasses.replace(self, traces=traces, arrangement=whole)


def _enlarge(part: Any, scale: float, within: str = "") -> Any:
    """A part with its pixels enlarged; the width of a bar is no length in pixels."""
    if isinstance(part, list):
        return [_enlarge(one, scale, within) for one in part]
    if not isinstance(part, dict):
        return part
    lengths = LENGTHS | ({"width"} if within == "line" else set())
    return {
        name: _times(value, scale) if name in lengths else _enlarge(value, scale, name)
        for name, value in part.items()
    }


def _times(length: Any, scale: float) -> Any:
    if isinstance(length, dict):
        return _enlarge(length, scale)
    if isinstance(length, list):
        return [_times(one, scale) for one in length]
    return length * scale if isinstance(length, int | float) else length


def escape(text: Any) -> str:
    """A name as text: tags that stand in it would be read as those of a figure.

    >>> escape("<b>晋安</b>"), escape("Jin'an")
    ('&lt;b&gt;晋安&lt;/b&gt;', "Jin'an")
    """
    return html.escape(str(text), quote=False)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; None for whatever is missing."""
    names, values = list(frame.columns), frame.to_numpy(object, copy=True)
    values[pd.isna(values)] = None
    return [dict(zip(names, row, strict=True)) for row in values.tolist()]


def layout(
    title: str,
    subtitle: str = "",
    *,
    height: int,
    left: int = 12,
    right: int = 16,
    footnote: str = "",
    top: int = TOP,
    bottom: int = BOTTOM,
    **more: Any,
) -> dict[str, Any]:
    """The frame around a figure.

    Parameters
    ----------
    height, left, right, top, bottom
        Pixels; margins are fixed so that title and footnote keep to the edge.
    footnote
        Notice and snapshot, see `origin`: a saved picture is believed by it.
    more
        Further keys of the layout (axes, shapes, annotations …).
    """
    if not subtitle:
        top -= 18
    annotations = [*more.pop("annotations", ())]
    if footnote:
        annotations.append(
            {
                "name": FOOTNOTE,
                "text": footnote,
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                "xshift": 4 - left,
                "y": 0,
                "yref": "paper",
                "yanchor": "bottom",
                "yshift": 4 - bottom,
                "showarrow": False,
                "align": "left",
                "font": {"size": SMALL_SIZE},
                "opacity": 0.78,
            }
        )
    heading = _heading(escape(title), TITLE_SIZE, "bold")
    if subtitle:
        small = {"size": TEXT_SIZE, "weight": "normal"}
        heading["subtitle"] = {"text": subtitle, "font": small}
    return {
        "title": heading,
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        "font": {"family": FONT, "size": TEXT_SIZE},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": FONT, "size": TEXT_SIZE}, "align": "left"},
        "dragmode": False,
        "annotations": annotations,
        **more,
    }


def fold(line: str, columns: int = PHONE_COLUMNS) -> str:
    """A line of markup, broken between its parts where a phone is too narrow for it.

    The browser does not break the words of a drawing.

    >>> fold("top: the city; below: the distance", 20)
    'top: the city;<br>below: the distance'
    >>> fold(key("done", DONE) + "  " + key("late", LATE), 10).count("<br>")
    1
    """
    lines, parts = [""], []
    for part in _PARTS.findall(line):
        parts += [part] if _columns(part) <= columns else _CLAUSES.findall(part)
    for part in parts:
        longer = lines[-1] + part
        if lines[-1] and _columns(longer) > columns:
            lines.append(part)
        else:
            lines[-1] = longer
    return "<br>".join(part.strip() for part in lines)


def _columns(markup: str) -> int:
    """How wide a line of markup is when drawn, in columns of `wording.text_width`."""
    return wording.text_width(html.unescape(_TAG.sub("", markup)).rstrip())


def _heading(text: str, size: int, weight: str) -> dict[str, Any]:
    return {
        "text": text,
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": 8, "l": 4},
        "font": {"size": size, "family": FONT, "weight": weight},
    }


def origin(snapshot: Snapshot | None, language: str = "zh") -> str:
    """What a picture says about where it comes from: notice and snapshot."""
    if snapshot is None:
        return ""
    parts = (snapshot.notice(language), ORIGIN[language].format(id=snapshot.id))
    return escape(" · ".join(filter(None, parts)))


def share_axis(most: float = 1.0, **more: Any) -> dict[str, Any]:
    """An axis of shares from 0; it reaches beyond 100 % only when the data do.

    With a `range` and `nticks` in the place of `tickvals` so many round shares at most
    are named, written as everywhere else: a number format of plotly has no space.
    """
    share = {"range": [0, max(1.0, most) * 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    share |= more
    if n_ticks := share.pop("nticks", 0):
        share["tickvals"] = _round_shares(*share["range"], n_ticks)
    share["ticktext"] = [wording.percent(tick, 0) for tick in share["tickvals"]]
    return axis(**share)


def _round_shares(start: float, end: float, most: int) -> list[float]:
    """At most so many shares within a range, as close as whole per cents allow.

    >>> _round_shares(0.47, 1.04, 6), _round_shares(0, 0.108, 4)
    ([0.5, 0.6, 0.7, 0.8, 0.9, 1.0], [0.0, 0.05, 0.1])
    """
    for step in (1, 2, 5, 10, 20, 25, 50, 100):
        ticks = range(-(-round(1e4 * start) // (100 * step)) * step, 1_000, step)
        shares = [tick / 100 for tick in ticks if tick / 100 <= end]
        if len(shares) <= most:
            break
    return shares


def metric_axis(unit: str, values: Iterable[Any], **more: Any) -> dict[str, Any]:
    """An axis for a metric's values: per cent, or a plain number from 0."""
    most = max((v for v in values if v is not None), default=0.0)
    if unit == "share":
        return share_axis(most, **more)
    return number_axis(0, (most or 1) * 1.08, 6, **more)


def number_axis(start: float, end: float, most: int, **more: Any) -> dict[str, Any]:
    """An axis of plain numbers, of which at most so many round ones are named."""
    ticks, digits = _round_numbers(start, end, most)
    names = [
        wording.number(tick) if digits == 0 else f"{tick:.{digits}f}" for tick in ticks
    ]
    return axis(range=[start, end], tickvals=ticks, ticktext=names, **more)


def _round_numbers(start: float, end: float, most: int) -> tuple[list[float], int]:
    """At most so many round numbers within a range, and the decimals they need.

    >>> _round_numbers(0, 58, 5), _round_numbers(0.78, 1.22, 6)
    (([0.0, 20.0, 40.0], 0), ([0.8, 0.9, 1.0, 1.1, 1.2], 1))
    """
    for power in range(-2, 10):
        for head in (1, 2, 5):
            step, digits = head * 10.0**power, max(0, -power)
            first, last = math.ceil(start / step), math.floor(end / step)
            if last - first < most:
                ticks = range(first, last + 1)
                return [round(tick * step, digits) for tick in ticks], digits
    raise ValueError(f"no round numbers between {start} and {end}")


def dot_axis(unit: str, values: Iterable[Any], **more: Any) -> dict[str, Any]:
    """As `metric_axis`, without the empty left: for dots, bars keep their zero."""
    values = [value for value in values if value is not None]
    lowest = min(values)
    if unit != "share" or lowest < 0.3:
        return metric_axis(unit, values, **more)
    start = int(lowest * 20 - 0.5) / 20
    # Counted from 100 %, where most targets lie.
    ticks = [tick / 10 for tick in range(11) if tick / 10 >= start]
    span = [start, max(1.0, *values) * 1.02]
    return share_axis(max(values), range=span, tickvals=ticks, **more)


def axis(**more: Any) -> dict[str, Any]:
    """A quiet axis: pale grid, no zero line, no zooming by accident on a phone."""
    return {
        "gridcolor": GRID,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": False,
        "tickangle": 0,
        **more,
    }


def name_axis(names: Sequence[str], positions: Sequence[Any], **more: Any) -> dict:
    """An axis of names, first on top, with room for the marks at both ends.

    A name of several lines has line breaks between them.
    """
    return axis(
        tickvals=list(positions),
        ticktext=[
            "<br>".join(
                escape(wording.shorten(line, NAME_COLUMNS))
                for line in name.splitlines()
            )
            for name in names
        ],
        showgrid=False,
        ticklabelstandoff=5,
        range=[len(positions) - 0.5, -0.5],
        **more,
    )


def month_axis(
    months: Sequence[str], language: str, *, every: int = 1, **more: Any
) -> dict[str, Any]:
    """An axis of months in order, named in the reader's language.

    `every` so many months one is named, the last of all in any case.
    """
    named = months[::-1][::every][::-1]
    return axis(
        type="category",
        categoryorder="array",
        categoryarray=list(months),
        tickvals=list(named),
        ticktext=[wording.month_tick(month, language) for month in named],
        range=[-0.35, len(months) - 0.65],
        showgrid=False,
        # Nine English names stand side by side on a phone only when small.
        tickfont={"size": TEXT_SIZE if len(months) <= 6 else SMALL_SIZE - 1},
        **more,
    )


def left_margin(names: Iterable[str]) -> int:
    """Pixels that the longest name of an axis needs."""
    lines = (line for name in names for line in name.splitlines())
    widest = max((wording.text_width(line) for line in lines), default=0)
    widest = min(widest, NAME_COLUMNS)
    return round(widest * COLUMN_PIXELS) + 18


def right_margin(labels: Iterable[str]) -> int:
    """Pixels that the widest of the labels at the right takes; they are markup."""
    widest = max((_columns(label) for label in labels), default=0)
    return round(widest * COLUMN_PIXELS) + 14


def line(
    x0: Any, y0: Any, x1: Any, y1: Any, color: str, dash: str = "solid", **more: Any
) -> dict[str, Any]:
    """A straight line as a shape below the marks."""
    stroke = {"color": color, "width": more.pop("width", 1.5), "dash": dash}
    return {
        "type": "line",
        "x0": x0,
        "y0": y0,
        "x1": x1,
        "y1": y1,
        "line": stroke,
        "layer": "below",
        **more,
    }


def upright(x: Any, color: str, dash: str = "solid", **more: Any) -> dict[str, Any]:
    """A line over the whole height at `x`: a date, a target, the city."""
    return line(x, 0, x, 1, color, dash, **{"yref": "paper"} | more)


def rectangle(
    x0: Any, x1: Any, y0: float, y1: float, color: str = BAND, **more: Any
) -> dict[str, Any]:
    """A filled box without an edge, below the marks."""
    return {
        "type": "rect",
        "x0": x0,
        "x1": x1,
        "y0": y0,
        "y1": y1,
        "fillcolor": color,
        "line": {"width": 0},
        "layer": "below",
        **more,
    }


def band(x0: Any, x1: Any, color: str = BAND, **more: Any) -> dict[str, Any]:
    """A stretch of the axis over the whole height, from `x0` to `x1`."""
    return rectangle(x0, x1, 0, 1, color, yref="paper", **more)


def label(text: str, x: Any, y: Any, **more: Any) -> dict[str, Any]:
    """A word beside a mark, without an arrow."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "showarrow": False,
        "font": {"size": SMALL_SIZE, **more.pop("font", {})},
        **more,
    }


def hover(
    texts: Sequence[str] | None, codes: Sequence[Sequence[Any]] | None = None
) -> dict[str, Any]:
    """What each mark of a trace says when pointed at, and what a click on it names.

    Parameters
    ----------
    texts
        One a mark, names escaped; None for marks that keep silent.
    codes
        One list of codes a mark; None where a click leads nowhere.
    """
    clicked = {} if codes is None else {"customdata": [list(code) for code in codes]}
    if texts is None:
        return {"hoverinfo": "skip", **clicked}
    return {"hovertext": list(texts), "hoverinfo": "text", **clicked}


def fraction(row: Mapping[str, Any]) -> str:
    """The two sums of a rate.

    >>> fraction({"numerator": 1200, "denominator": 1500})
    '1,200 / 1,500'
    """
    return f"{wording.number(row['numerator'])} / {wording.number(row['denominator'])}"


def with_fraction(text: str, row: Mapping[str, Any]) -> str:
    """A plain text, escaped, and the sums of the row's rate on a line of their own.

    Where nothing was counted there are none: 0 of 0 would be read as filed.

    >>> with_fraction("90 %", {"numerator": 9, "denominator": 10})
    '90 %<br>9 / 10'
    >>> with_fraction("not reported", {"numerator": 0, "denominator": 0})
    'not reported'
    """
    return f"{escape(text)}<br>{fraction(row)}" if row["denominator"] else escape(text)


def key(text: str, color: str, sign: str = "■") -> str:
    """One entry of a legend in words: a sign in its colour and what it stands for.

    >>> key("done", "#2f8f89")
    "<span style='color:#2f8f89'>■</span> done"
    """
    return f"{colored(sign, color)} {text}"


def colored(sign: str, color: str) -> str:
    """A sign in a colour, for a sentence that explains it."""
    return f"<span style='color:{color}'>{sign}</span>"


def key_lines(keys: Sequence[str], per_line: int) -> list[str]:
    """Entries of a legend side by side, so many to a line.

    >>> key_lines(["a", "b", "c"], 2)
    ['a  b', 'c']
    """
    starts = range(0, len(keys), per_line)
    return ["  ".join(keys[start : start + per_line]) for start in starts]


def empty(title: str, language: str, footnote: str = "", text: str = "") -> Picture:
    """What is shown where there is nothing to draw: a sentence, not a blank box."""
    if not text:
        text = NOTHING[language]
    hidden = {"visible": False, "fixedrange": True}
    arrangement = layout(
        title,
        height=180,
        footnote=footnote,
        xaxis=hidden,
        yaxis=hidden,
        annotations=[label(escape(text), 0.5, 0.5, xref="paper", yref="paper")],
    )
    alt = wording.join((title, text), language, "saying")
    return Picture([], arrangement, alt, nothing=text)

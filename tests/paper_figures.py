"""What somebody reads off a paper as PDF: figures, each with its metric and place.

The text is what `pdftotext` gives, so that what was set and is not seen is read, too.
Nothing here knows how a paper is made: a name of a metric or place and the figures
after it, as they stand in a row or a sentence, are all there is to go by.
"""

from __future__ import annotations

import dataclasses
import re
import subprocess
from collections.abc import Iterator, Mapping

from data_pipeline.registry import Registry
from reports.words import wording

METRIC, PLACE, ENDING = "\ue000", "\ue001", "\ue002"
_METRIC, _PLACE = f"{METRIC}(\\w+){ENDING}", f"{PLACE}([\\w:]*){ENDING}"
# Not one that is cut off.
_NUMBER, _PERCENT = r"(\d[\d,]*)(?![\d,…])", r"(\d+(?:\.\d+)?) ?%"
_COUNTS = f"{_NUMBER} ?/ ?{_NUMBER}"
# Cells of a table; of `0.07`, a figure per head, nothing is taken.
_CELL = r"–|不公开|未报|[\d.]+ ?%|\d+\.\d+|[\d,]+(?: ?/ ?[\d,]+)?"
_CELLS = f"(?:(?:{_CELL}) ?(?:※ ?\\d+ ?|↓ ?)*)+"
# A rate is rounded, but never up to 100 %.
_ROUNDED = 0.1


@dataclasses.dataclass(frozen=True)
class Said:
    """Numerator, denominator, rate (in per cent) or shortfall to 100 % of a place."""

    metric: str
    place: tuple[tuple[str, str], ...]
    numerator: float | None = None
    denominator: float | None = None
    percent: float | None = None
    short: float | None = None

    def fits(self, numerator: float, denominator: float) -> bool:
        """Whether it is true of a place with these counts."""
        is_true = self.numerator in (None, numerator)
        is_true &= self.denominator in (None, denominator)
        if self.percent is not None:
            rate = 100 * numerator / denominator
            is_true &= abs(rate - self.percent) <= _ROUNDED
        if self.short is not None:
            is_true &= self.short == denominator - numerator
        return is_true

    def inequalities(self) -> Iterator[tuple[float, float, float]]:
        """a, b, c of each a * numerator + b * denominator <= c that it amounts to."""
        for counted, a, b in ((self.numerator, 1, 0), (self.denominator, 0, 1)):
            if counted is not None:
                yield a, b, counted
                yield -a, -b, -counted
        if self.percent is not None:
            low, high = ((self.percent + by) / 100 for by in (-_ROUNDED, _ROUNDED))
            yield 1, -high, 0
            yield -1, low, 0
        if self.short is not None:
            yield -1, 1, self.short
            yield 1, -1, -self.short


def read_text(pdf: bytes) -> str:
    """The text of a PDF, cell by cell."""
    command = ["pdftotext", "-raw", "-", "-"]
    done = subprocess.run(command, input=pdf, check=True, capture_output=True)
    return done.stdout.decode()


def read_figures(
    pdf: bytes, registry: Registry, place: Mapping[str, str] | None = None
) -> set[Said]:
    """All figures of a Chinese paper; `place` is what a brief is about."""
    text, about = _marked(read_text(pdf), registry), tuple((place or {}).items())
    return {
        *_sentences(text, about),
        *_rows_of_metrics(text, about),
        *_rows_of_places(text),
        *_named_places(text),
    }


def _marked(text: str, registry: Registry) -> str:
    """The text with a mark in the place of each name, however it was broken."""
    names = {wording.CITY["zh"]: f"{PLACE}{ENDING}"}
    for dimension in ("unit", "sector", "supervision_group"):
        for code in registry.named_places[dimension]:
            for is_short in (False, True):
                name = wording.place_name(
                    registry, dimension, code, "zh", is_short=is_short
                )
                names[name] = f"{PLACE}{dimension}:{code}{ENDING}"
    for metric in registry.metrics.values():
        names[metric.label_zh] = f"{METRIC}{metric.id}{ENDING}"
    longest = sorted(names, key=len, reverse=True)
    broken = "|".join(r"\s*".join(map(re.escape, name)) for name in longest)
    text = re.sub("[\u2060\u200b]", "", text)
    text = re.sub(broken, lambda found: names[re.sub(r"\s", "", found[0])], text)
    return re.sub(r"\s+", " ", text)


def _sentences(text: str, about: tuple) -> Iterator[Said]:
    """`…率：已完成 434 / 468` and `…次数：0.07（32 / 480）` of what it is about."""
    for metric, x, n in re.findall(
        rf"{_METRIC}：\s?(?:已完成 ?|\d+\.\d+ ?（){_COUNTS}", text
    ):
        yield Said(metric, about, _number(x), _number(n))


def _rows_of_metrics(text: str, about: tuple) -> Iterator[Said]:
    """`…率 434 / 468 92.7 %` of a table of figures of what the paper is about."""
    for metric, x, n, rate in re.findall(f"{_METRIC} {_COUNTS} {_PERCENT}", text):
        yield Said(metric, about, _number(x), _number(n), float(rate))


def _rows_of_places(text: str) -> Iterator[Said]:
    """Places below a heading of metrics, or metrics below one of places."""
    for found in re.finditer(f"((?:{_METRIC} ?)+)((?:{_PLACE} ?{_CELLS})+)", text):
        metrics = re.findall(_METRIC, found[1])
        for place, row in re.findall(f"{_PLACE} ?({_CELLS})", found[0]):
            cells = [one[0] for one in re.finditer(_CELL, row)]
            if len(cells) == len(metrics):
                for metric, cell in zip(metrics, cells, strict=True):
                    yield from _shown(metric, place, cell)
    for found in re.finditer(f"((?:{_PLACE} ?)+)((?:{_METRIC} ?{_CELLS})+)", text):
        places = re.findall(_PLACE, found[1])
        for metric, row in re.findall(f"{_METRIC} ?({_CELLS})", found[0]):
            # What is demanded comes first.
            cells = [one[0] for one in re.finditer(_CELL, row)][1:]
            if len(cells) == len(places):
                for place, cell in zip(places, cells, strict=True):
                    yield from _shown(metric, place, cell)


def _shown(metric: str, place: str, cell: str) -> Iterator[Said]:
    if rate := re.fullmatch(_PERCENT, cell):
        yield Said(metric, _place(place), percent=float(rate[1]))


def _named_places(text: str) -> Iterator[Said]:
    """Places by rates after a metric, the coldest cells, and what is to be done."""
    for metric, names in re.findall(f"{_METRIC}：[^。]*?个：([^。]*)", text):
        for place, rate in re.findall(f"{_PLACE} {_PERCENT}", names):
            yield Said(metric, _place(place), percent=float(rate))
    for metric, ends in re.findall(f"{_METRIC}冷热不均：(.*?)〔", text):
        for unit, sector, rate in re.findall(f"{_PLACE} {_PLACE} {_PERCENT}", ends):
            yield Said(metric, _place(unit, sector), percent=float(rate))
    cold = f"{_PLACE} {_PLACE} {_METRIC} {_PERCENT} ([\\d,]+)"
    for unit, sector, metric, rate, short in re.findall(cold, text):
        place = _place(unit, sector)
        yield Said(metric, place, percent=float(rate), short=_number(short))
    for place, _, tasks in re.findall(f"{_PLACE} {_PLACE} ([^{PLACE}]*)", text):
        for metric, short in re.findall(f"{_METRIC} ?还差 ?([\\d,]+)", tasks):
            yield Said(metric, _place(place), short=_number(short))


def _place(*marked: str) -> tuple[tuple[str, str], ...]:
    parts = (one.partition(":") for one in marked if one)
    return tuple((dimension, code) for dimension, _, code in parts)


def _number(shown: str) -> float:
    return float(shown.replace(",", ""))

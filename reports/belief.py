"""How far a reported figure can be believed: the flags on it, what checks support.

One answer for a metric, a month and a place, whichever page, sentence or file asks.
Nothing is read here: flags and verified rates come in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data_pipeline.registry import CELL, Metric, Registry
from data_pipeline.statistics.exact_distributions import binomial_at_most
from data_pipeline.statistics.sampling import MIN_RATE, can_tell
from data_pipeline.withheld import COLUMN as WITHHELD
from data_pipeline.withheld import is_withheld
from reports.words import catalogue, wording

Place = tuple[str | None, str | None]  # unit code, sector code; None = rolled up
ALPHA = 0.05
# Beside a figure: so many flags, and less found by checks than was claimed before.
FLAG, LESS = "⚑", "↓"
# How a place is supported: by its own checks, by a model that leans on the others, by
# too few checks for a rate, by none; '' where checks do not look at the metric.
SUPPORTS = ("direct", "modelled", "few", "none", "")
# What must be said of a place, by the codes of its dimensions; '' for nothing.
Says = Callable[[Mapping[str, str | None]], str]
FLAGS = "n_flags"
COLUMNS = (
    FLAGS,
    "support",
    "n_confirmed",
    "n_checked",
    "supported",
    "supported_lower",
    "supported_upper",
    "claimed_before",
    "finds_less",
)
COUNTS = (FLAGS, "n_confirmed", "n_checked", "finds_less")
SHARES = ("supported", "supported_lower", "supported_upper", "claimed_before")
TEXTS = catalogue.texts("belief")
SUPPORT_WORDS = catalogue.texts("belief.support")
VERDICTS = catalogue.texts("belief.verdict")


def words(language: str) -> dict[str, Mapping[str | int, str]]:
    """By column of `COLUMNS`, and of what is withheld, what its codes are called."""
    return {
        "support": {**SUPPORT_WORDS[language], "": ""},
        WITHHELD: catalogue.texts("belief.withheld")[language],
        "finds_less": {1: wording.YES[language], 0: ""},
    }


class Belief(NamedTuple):
    """What stands against or for the figure of one place.

    Attributes
    ----------
    n_flags
        Flags on its counts that had begun by the month.
    support
        One of `SUPPORTS`.
    n_confirmed, n_checked
        Of random checks by the month's end: branches with a verdict, or heads counted.
    supported, supported_lower, supported_upper
        Share 0-1 with its 95 % limits; None without a rate.
    claimed_before
        What the last ledgers before the checks claimed of the same places; None
        without any.
    finds_less
        Whether checks find less than that beyond chance: the whole interval lies below
        it, or so few of under ten checks confirm it. In a frame 1 or 0.
    """

    n_flags: int = 0
    support: str = ""
    n_confirmed: int = 0
    n_checked: int = 0
    supported: float | None = None
    supported_lower: float | None = None
    supported_upper: float | None = None
    claimed_before: float | None = None
    finds_less: bool = False

    @property
    def is_doubted(self) -> bool:
        """Whether the figure is not to be praised without saying why."""
        return self.n_flags > 0 or self.finds_less


class Beliefs(dict[Place, Belief]):
    """`Belief` by place; of a place that nothing is known of, `nothing`."""

    def __init__(self, metric: Metric) -> None:
        super().__init__()
        self.nothing = Belief(support="none" if metric.verified else "")

    def __missing__(self, place: Place) -> Belief:
        return self.nothing


def believe(
    flags: pd.DataFrame,
    checked: Mapping[tuple[str, ...], pd.DataFrame],
    modelled: pd.DataFrame | None,
    metric: Metric,
    registry: Registry,
    where: Mapping[str, Sequence[str]] | None = None,
) -> Beliefs:
    """What each place of some levels can be believed for.

    Parameters
    ----------
    flags
        Of `flags.Flags.found` those that had begun by the month, of the whole city.
    checked
        By dimensions ((), unit, sector, both): `rates.read_rates`, basis "verified".
        Empty frames where checks do not look at the metric: then flags alone count.
    modelled
        The same by unit and sector, basis "modelled"; None to do without.
    where
        Unit or sector that all frames are of; of several units those that they are
        sums of.

    Examples
    --------
    >>> levels = {("unit",): verified}                            # doctest: +SKIP
    >>> beliefs = believe(flags, levels, None, metric, registry)  # doctest: +SKIP
    >>> beliefs["350102", None].n_flags                           # doctest: +SKIP
    2
    """
    kept = {name: codes for name, codes in (where or {}).items() if codes}
    fixed = {name: codes[0] for name, codes in kept.items() if len(codes) == 1}
    counted = flags_on(flags, metric, registry)
    if "unit" in kept:
        counted = counted[counted["unit"].isin(list(kept["unit"]))]
    flagged = list(zip(counted["unit"], counted["sector"], strict=True))
    beliefs = Beliefs(metric)
    leaned = _by_place(modelled, CELL, {}) if modelled is not None else {}
    for by, frame in checked.items():
        rows = _by_place(frame, by, fixed)
        places = set(rows) | _places_of(flagged, by, fixed, registry)
        for place in places:
            n_flags = sum(_touches(flag, place) for flag in flagged)
            row = rows.get(place)
            beliefs[place] = _weigh(n_flags, row, leaned.get(place), metric)
    return beliefs


def flags_on(
    flags: pd.DataFrame, metric: Metric, registry: Registry, place: Place | None = None
) -> pd.DataFrame:
    """Those of `flags` that are on counts of the metric; with `place` those of it.

    A flag of a unit as a whole is one of each of its sectors.
    """
    counts = counted_columns(metric, registry)
    is_on = [not counts.isdisjoint(fields) for fields in flags["fields"]]
    found = flags[np.array(is_on, bool)]
    return found if place is None else flags_at(found, place)


def flags_at(flags: pd.DataFrame, place: Place) -> pd.DataFrame:
    """Those of `flags` that are of the place, or of a unit or sector it lies in."""
    sides = zip(flags["unit"], flags["sector"], strict=True)
    return flags[np.array([_touches(flag, place) for flag in sides], bool)]


def add_columns(frame: pd.DataFrame, beliefs: Beliefs, **fixed: str) -> pd.DataFrame:
    """Put what is believed beside each row, in `COLUMNS`.

    `frame` is by unit, by sector or by both, a missing code meaning all of them;
    `fixed` says which unit or sector every row is of. Where checks do not look at the
    metric there are flags alone.
    """
    names = COLUMNS if beliefs.nothing.support else COLUMNS[:1]
    sides = [
        [fixed.get(name)] * len(frame)
        if name not in frame
        else [None if wording.is_missing(code) else code for code in frame[name]]
        for name in CELL
    ]
    rows = [beliefs[place] for place in zip(*sides, strict=True)]
    found = pd.DataFrame(rows, columns=COLUMNS, index=frame.index)
    types = dict.fromkeys(SHARES, float) | dict.fromkeys(COUNTS, int)
    return frame.assign(**found.astype(types)[list(names)])


def of_row(row: Mapping[str, Any]) -> Belief | None:
    """The belief that `add_columns` put beside a row; None where it put none."""
    if FLAGS not in row:
        return None
    known = {name: row[name] for name in COLUMNS if name in row}
    for name in set(SHARES) & set(known):
        known[name] = _number(known[name])
    for name in set(COUNTS) & set(known):
        known[name] = int(known[name])
    return Belief(**known)


def caveat(belief: Belief, language: str = "zh") -> str:
    """What must be said beside praise, in brackets; '' where nothing stands against it.

    >>> caveat(Belief(n_flags=2)), caveat(Belief())
    ('（2 条线索）', '')
    """
    texts = TEXTS[language]
    parts = []
    if belief.finds_less:
        key = "less" if belief.support == "direct" else "fewer"
        parts.append(
            texts[key].format(
                rate=wording.percent(belief.supported),
                claimed=wording.percent(belief.claimed_before),
                confirmed=wording.number(belief.n_confirmed),
                checked=wording.number(belief.n_checked),
            )
        )
    if belief.n_flags:
        parts.append(texts["flags"].format(n=belief.n_flags))
    return texts["caveat"].format(parts=texts["join"].join(parts)) if parts else ""


def signs(belief: Belief) -> str:
    """The same as short as a label wants it: '⚑2 ↓', '' where nothing stands against.

    >>> signs(Belief(n_flags=2)), signs(Belief(finds_less=True)), signs(Belief())
    ('⚑2', '↓', '')
    """
    flags = f"{FLAG}{belief.n_flags}" if belief.n_flags else ""
    return " ".join(filter(None, (flags, LESS * belief.finds_less)))


def row_signs(row: Mapping[str, Any]) -> str:
    """`signs` of what `add_columns` put beside a row; '' where it put nothing.

    >>> row_signs({"rate": 0.9, "n_flags": 2}), row_signs({"rate": 0.9})
    ('⚑2', '')
    """
    believed = of_row(row)
    return signs(believed) if believed else ""


def verdict(belief: Belief, rate: Any = None) -> str:
    """What checks say of a figure, as a code: none is proof that it is right.

    `rate` is the figure, a share 0-1, where it is at hand.

    Returns
    -------
    str
        "inflated" (checks find less than was claimed), "few" (too few checks of its own
        for a rate, or for an interval that rules out a figure far too high:
        `sampling.can_tell`), "none" (no check), "risen" (checks do not refute what was
        claimed before them, and the figure lies above all that they support), "flagged"
        (not refuted, but there are flags) or "unrefuted"; '' where checks do not look
        at the metric.
    """
    if belief.support in ("", "none"):
        return belief.support
    if belief.finds_less:
        return "inflated"
    if belief.support != "direct":
        return "few"
    is_known = belief.claimed_before is not None and not wording.is_missing(rate)
    if is_known and rate > belief.supported_upper:
        return "risen"
    said = [f for f in (belief.claimed_before, rate) if not wording.is_missing(f)]
    lower = belief.supported_lower
    if said and lower is not None and not can_tell(max(said), lower):
        return "few"
    return "flagged" if belief.n_flags else "unrefuted"


def say_verdict(
    belief: Belief, language: str = "zh", *, n: Any = None, rate: Any = None
) -> str:
    """The same in plain words, with how many of `n` (branches or heads) were checked.

    >>> say_verdict(Belief(support="modelled", n_checked=6), n=86)
    '核实不足以判断（抽查 6 / 86）'
    >>> say_verdict(Belief(support="none"), n=86), say_verdict(Belief())
    ('未抽查，无法判断', '')
    """
    code = verdict(belief, rate)
    if not code:
        return ""
    return VERDICTS[language][code] + _checked(belief, "checked", language, n)


def verdict_note(
    belief: Belief, language: str = "zh", *, n: Any = None, rate: Any = None
) -> str:
    """The same in brackets, as short as a table wants it; '' without any check.

    >>> verdict_note(Belief(support="direct", n_checked=60, finds_less=True), n=686)
    '（抽查 60 / 686，偏高）'
    """
    code = verdict(belief, rate)
    word = VERDICTS[language][f"{code}_short"] if code not in ("", "none") else ""
    return word and _checked(belief, "note", language, n, word=word)


def _checked(belief: Belief, key: str, language: str, n: Any, **words: str) -> str:
    """How many were checked, of how many where that is known; '' for none.

    Of a place that filed nothing, whose figure is of no branch, it is not known.
    """
    if not belief.n_checked:
        return ""
    texts, checked = VERDICTS[language], wording.number(belief.n_checked)
    if not wording.is_missing(n) and n:
        checked = texts["of"].format(checked=checked, n=wording.number(n))
    return texts[key].format(checked=checked, **words)


def in_short(
    belief: Belief,
    language: str = "zh",
    *,
    n: Any = None,
    rate: Any = None,
    has_verdicts: bool = True,
) -> str:
    """Flags and checks of a place in a few words, also where nothing is wrong.

    Few checks that count heads (no `has_verdicts`) are too few, without a fraction: the
    heads of one branch are alike. `n` and `rate` as in `say_verdict`.

    >>> in_short(Belief(n_flags=2, support="few", n_confirmed=7, n_checked=9), n=80)
    '⚑2 核实 7/9（抽查 9 / 80，不足以判断）'
    >>> in_short(Belief(support="few", n_confirmed=5, n_checked=6), n=0)
    '核实 5/6（抽查 6，不足以判断）'
    """
    sentence = TEXTS[language][f"short_{belief.support}"] if belief.support else ""
    if belief.support == "few" and not has_verdicts:
        sentence = SUPPORT_WORDS[language]["few"]
    words = sentence.format(
        rate=wording.percent(belief.supported),
        confirmed=wording.number(belief.n_confirmed),
        checked=wording.number(belief.n_checked),
    )
    said = words and words + verdict_note(belief, language, n=n, rate=rate)
    return " ".join(filter(None, (signs(belief), said)))


def apart_from_parts(whole: Belief, parts: Iterable[Belief]) -> bool:
    """Whether all modelled parts lie on one side of what checks support of the whole.

    The whole is weighed from its own checks, its parts lean on the city where they have
    few: then they are no parts of its figure, and that has to be said.

    >>> whole = Belief(support="direct", supported=0.62)
    >>> parts = [Belief(support="modelled", supported=p) for p in (0.66, 0.89)]
    >>> apart_from_parts(whole, parts)
    True
    """
    known = [part for part in parts if part.supported is not None]
    if whole.support != "direct" or not any(p.support == "modelled" for p in known):
        return False
    sides = {part.supported > whole.supported for part in known}
    return len(sides) == 1 and whole.supported not in {p.supported for p in known}


def counted_columns(metric: Metric, registry: Registry) -> set[str]:
    """Ledger columns that the metric counts."""
    columns = {metric.numerator, metric.denominator}
    for name in tuple(columns):
        if derived := registry.derived.get(name):
            columns |= set(derived.sources)
    # Conversions are flagged by their day.
    return columns | ({"date"} if metric.table == "weak_case" else set())


def _by_place(
    frame: pd.DataFrame, by: Sequence[str], fixed: Mapping[str, str]
) -> dict[Place, dict[str, Any]]:
    columns = {name: frame[name].tolist() for name in frame.columns}
    found = {}
    for number in range(len(frame)):
        row = {name: values[number] for name, values in columns.items()}
        codes = {**fixed, **{name: row[name] for name in by}}
        found[codes.get("unit"), codes.get("sector")] = row
    return found


def _places_of(
    flagged: Sequence[tuple[str, str]],
    by: Sequence[str],
    fixed: Mapping[str, str],
    registry: Registry,
) -> set[Place]:
    """Places of a level that a flag lies in; one of a whole unit in each sector."""
    found: set[Place] = set()
    for unit, sector in flagged:
        sectors = [sector] if sector else list(registry.sectors)
        for code in sectors if "sector" in {*by, *fixed} else [None]:
            place = (unit if "unit" in {*by, *fixed} else None, code)
            wanted = (fixed.get("unit", place[0]), fixed.get("sector", place[1]))
            if place == wanted:
                found.add(place)
    return found


def _touches(flag: tuple[str, str], place: Place) -> bool:
    unit, sector = place
    return unit in (None, flag[0]) and (sector is None or flag[1] in ("", sector))


def _weigh(
    n_flags: int,
    row: Mapping[str, Any] | None,
    leaned: Mapping[str, Any] | None,
    metric: Metric,
) -> Belief:
    if metric.verified is None:
        return Belief(n_flags)
    if row is not None and is_withheld(row):
        return Belief(n_flags)
    if row is None or not row["denominator"]:
        return Belief(n_flags, "none")
    confirmed, checked = int(row["numerator"]), int(row["denominator"])
    claimed = _number(row["reported_before"])
    support, shown = "few", None
    # Ten branches may have a single leader among them.
    if _number(row["rate"]) is not None and checked >= MIN_RATE:
        support, shown = "direct", row
        finds_less = claimed is not None and float(row["upper"]) < claimed
    else:
        if leaned is not None and _number(leaned["rate"]) is not None:
            support, shown = "modelled", leaned
            claimed = _number(leaned["reported_before"]) if claimed is None else claimed
        # Heads of one branch are alike: a few branches prove nothing of them.
        finds_less = (
            claimed is not None
            and metric.has_verdicts
            and checked < MIN_RATE
            and float(binomial_at_most(confirmed, checked, min(claimed, 1.0))) <= ALPHA
        )
    limits = [
        None if shown is None else _number(shown[name])
        for name in ("rate", "lower", "upper")
    ]
    return Belief(n_flags, support, confirmed, checked, *limits, claimed, finds_less)


def _number(value: Any) -> float | None:
    return None if wording.is_missing(value) else float(value)

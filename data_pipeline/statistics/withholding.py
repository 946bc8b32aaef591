"""Which counts of persons a table of places may show, and what an attacker still finds.

Small counts are withheld, and as many others as it takes that nobody can work them out
from what is shown: the totals of units, sectors, groups and the city, the neighbouring
months, and that a part is within its whole. A place is withheld in every month, because
a count of persons hardly changes from one month to the next.

References
----------
Willenborg & de Waal (2001), Elements of Statistical Disclosure Control, chapter 4 (the
attacker's problem); Fischetti & Salazar (2001), Management Science 47:1008-1027
(complementary suppression in tables with linear constraints).
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy  # its submodules load when they are first used

# A count of 1 to 4 persons speaks of persons; nobody may be told a count to less.
LEAST = 5
_ALMOST = LEAST - 1e-6
_ROUNDS_WITHOUT_GAIN = 2
_MOST_ROUNDS = 100
_SOME = 8  # found at a time, before more is withheld
_MOST_STEPS = 48  # of counts of one kind; an attack takes some twelve
_MOST_COUNTS = 40  # kinds; a city of 12 metrics about persons has half as many
_TINY = 1e-7  # what the solver itself leaves open
# Nobody believes in a city of a hundred times its size.
_FARFETCHED = 100


@dataclasses.dataclass(frozen=True)
class Counts:
    """Counts of persons by place and month that belong together.

    Attributes
    ----------
    values
        By measure an array of cells x months; NaN where a cell has no row.
    within
        Pairs (part, whole) of measures, those of wholes first: no part is more than
        its whole.
    growing
        Measures that do not fall from one month to the next.
    places
        Places x cells, bool: what each place is the sum of. The first places are the
        cells themselves, in their order.
    totals
        Pairs (place, parts): which places add up to which other one.
    alike
        Measures that count the same but for some rows: where two have the same count,
        whoever knows one knows the other.
    """

    values: Mapping[str, np.ndarray]
    within: tuple[tuple[str, str], ...]
    growing: frozenset[str]
    places: np.ndarray
    totals: tuple[tuple[int, tuple[int, ...]], ...]
    alike: tuple[tuple[str, ...], ...] = ()

    @property
    def n_cells(self) -> int:
        return self.places.shape[1]

    @property
    def n_months(self) -> int:
        return next(iter(self.values.values())).shape[1]

    def sums(self, measure: str) -> np.ndarray:
        """Places x months."""
        return self.places.astype(float) @ np.nan_to_num(self.values[measure])

    def present(self, measure: str) -> np.ndarray:
        """Places x months: whether any row speaks of it."""
        return self.places.astype(int) @ ~np.isnan(self.values[measure]) > 0


Withheld = dict[str, np.ndarray]
# Measure, place, month, and the ends of the interval.
Exposed = list[tuple[str, int, int, float, float]]


class Steps:
    """How far from the truth attackers could think counts to be, of any counts.

    What is as possible of others opens intervals without a solver: each step is tried
    before it, as far as it goes, so that it decides nothing.

    Attributes
    ----------
    taken
        By measures, cells and months the steps: steps x measures x cells x months.
    """

    def __init__(self, taken: Iterable[tuple[Sequence[str], np.ndarray]] = ()):
        self._taken: dict[tuple[tuple[str, ...], tuple[int, ...]], list[np.ndarray]]
        self._taken = {}
        for measures, steps in taken:
            for step in steps:
                self.add(measures, step)

    def add(self, measures: Sequence[str], step: np.ndarray) -> None:
        """Remember the last steps, of the counts that were attacked last."""
        key = (tuple(measures), step.shape)
        self._taken[key] = [*self._taken.pop(key, []), step][-_MOST_STEPS:]
        while len(self._taken) > _MOST_COUNTS:
            del self._taken[next(iter(self._taken))]

    def of(self, measures: Sequence[str], shape: tuple[int, ...]) -> list[np.ndarray]:
        """Those of some measures, by cells and months."""
        return self._taken.get((tuple(measures), (len(measures), *shape)), [])

    def __iter__(self) -> Iterator[tuple[tuple[str, ...], np.ndarray]]:
        for (measures, _), steps in self._taken.items():
            yield measures, np.array(steps)


@dataclasses.dataclass
class Answers:
    """What attackers have found of single months: `known` from before, `used` now.

    steps : that they took, then and now.
    """

    known: Mapping[str, Exposed] = dataclasses.field(default_factory=dict)
    used: dict[str, Exposed] = dataclasses.field(default_factory=dict)
    steps: Steps = dataclasses.field(default_factory=Steps)

    def ask(self, counts: Counts, withheld: Withheld) -> Exposed:
        """As `attack`; what was asked before is answered as then."""
        key = digest_of(counts, withheld)
        if key not in self.used:
            known = self.known.get(key)
            if known is None:
                known = attack(counts, withheld, most=_SOME, steps=self.steps)
            self.used[key] = known
        return self.used[key]


def digest_of(counts: Counts, withheld: Withheld | None = None) -> str:
    """A name of counts, and of what is withheld of them; other rules give another."""
    digest = hashlib.sha256(_rules())
    parts = (counts.within, sorted(counts.growing), counts.totals, counts.alike)
    digest.update(repr(parts).encode())
    named = {"values": counts.values, "": {"": counts.places}, "not": withheld or {}}
    for kind, arrays in named.items():
        for name, array in arrays.items():
            digest.update(f"{kind}{name}{array.shape}{array.dtype}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


@functools.cache
def _rules() -> bytes:
    return hashlib.sha256(Path(__file__).read_bytes()).digest()


class _UnsolvedError(RuntimeError):
    """The solver found no answer to a program that has one."""


def withhold(
    counts: Counts, *, complementary: bool = True, answers: Answers | None = None
) -> Withheld:
    """Which places are withheld in which month, by measure: bool, places x months.

    A place that anybody can work out is not withheld in that month, so long as it
    speaks of nobody or of many: 0 in a unit that has 0, all in a unit where all have.
    Without `complementary` the small ones alone, which protects nobody: it is there to
    show that the attacker finds them. `answers` remembers what attackers have found
    of single months.
    """
    small = _small(counts)
    if not counts.n_cells:
        return small  # nothing has been filed: there is nothing to withhold
    hidden = {measure: of.any(axis=1) for measure, of in small.items()}
    if not complementary:
        return {
            m: np.repeat(of[:, None], counts.n_months, 1) for m, of in hidden.items()
        }
    for names in counts.alike:
        # One array for all of them: what is withheld of one is of the others.
        together = np.logical_or.reduce([hidden[name] for name in names])
        hidden |= dict.fromkeys(names, together)
    _stop_subtraction(counts, hidden)
    try:
        return _widen_until_safe(counts, small, hidden, answers or Answers())
    except _UnsolvedError:
        # Nobody knows what could be worked out: nothing is shown, and builds go on.
        return {measure: np.ones_like(of) for measure, of in small.items()}


def _widen_until_safe(
    counts: Counts,
    small: Mapping[str, np.ndarray],
    hidden: dict[str, np.ndarray],
    answers: Answers,
) -> Withheld:
    """Add places to those hidden until the attacker finds nothing.

    Raises
    ------
    _UnsolvedError
        The solver gave up.
    """
    told = {measure: np.zeros_like(of) for measure, of in small.items()}
    # Months by themselves are quickly solved; what is left is asked of all together.
    month, is_by_month = 0, True
    for _ in range(_MOST_ROUNDS):
        withheld = _without_told(counts, hidden, told)
        if is_by_month:
            exposed = _attack_months(counts, withheld, month, answers)
            is_by_month = bool(exposed)
        if not is_by_month:
            exposed = attack(counts, withheld, most=_SOME, steps=answers.steps)
        if not exposed:
            return withheld
        wider = {}
        for measure, place, month, lower, upper in exposed:
            if upper - lower < 1e-6 and not small[measure][place, month]:
                told[measure][place, month] = True
            else:
                wider[measure, place] = None
        for measure, place in wider:
            _widen(counts, hidden, measure, place)
        _stop_subtraction(counts, hidden)
    return _keep_whole(counts, small)


def _keep_whole(counts: Counts, small: Mapping[str, np.ndarray]) -> Withheld:
    """All places but the last, which is the whole, and that one if need be as well."""
    hidden = {measure: np.ones(len(of), bool) for measure, of in small.items()}
    told = {measure: np.zeros_like(of) for measure, of in small.items()}
    for measure, of in small.items():
        hidden[measure][-1] = of[-1].any()
    withheld = _without_told(counts, hidden, told)
    if attack(counts, withheld, most=1):
        return {measure: np.ones_like(of) for measure, of in small.items()}
    return withheld


def attack(
    counts: Counts,
    withheld: Withheld,
    *,
    most: int | None = None,
    steps: Steps | None = None,
) -> Exposed:
    """What is withheld and can be told to less than `LEAST`.

    The attacker knows every place that is shown, that no count is below 0 and no part
    above its whole, and which counts never fall. With `most` he stops after so many.
    `steps` saves him work and remembers those that he takes.

    Returns
    -------
    Measure, place, month, and the ends of the interval.
    """
    return _Attacker(counts, withheld, steps or Steps()).find(most)


def _attack_months(
    counts: Counts, withheld: Withheld, first: int, answers: Answers
) -> Exposed:
    """As `attack`, by somebody who sees each month by itself.

    What is found is of one month: of `first`, or the next one that tells anything.
    """
    for month in (*range(first, counts.n_months), *range(first)):
        values = {name: of[:, [month]] for name, of in counts.values.items()}
        alone = dataclasses.replace(counts, values=values, growing=frozenset())
        of_month = {name: of[:, [month]] for name, of in withheld.items()}
        if found := answers.ask(alone, of_month):
            return [(name, at, month, *ends) for name, at, _, *ends in found]
    return []


def _small(counts: Counts) -> dict[str, np.ndarray]:
    """Places x months where a count, or what a part lacks, is of 1 to 4 persons."""
    sums = {name: counts.sums(name) for name in counts.values}
    small = {name: _is_small(of) for name, of in sums.items()}
    for part, whole in counts.within:
        small[part] |= _is_small(sums[whole] - sums[part])
    return small


def _is_small(of: np.ndarray) -> np.ndarray:
    return (of > 0) & (of < LEAST)


def _without_told(
    counts: Counts, hidden: Mapping[str, np.ndarray], told: Mapping[str, np.ndarray]
) -> Withheld:
    """Places x months that are withheld, and not told otherwise."""
    cells = counts.places.astype(int)
    is_inside = (cells @ cells.T == cells.sum(axis=1)[:, None]).astype(int)
    withheld = {}
    for measure, of in hidden.items():
        is_nobody = ~of[:, None] & (counts.sums(measure) == 0)
        withheld[measure] = of[:, None] & ~(is_inside @ is_nobody > 0) & ~told[measure]
    for part, whole in counts.within:
        is_known = ~withheld[whole] & (counts.sums(part) == counts.sums(whole))
        is_all = ~hidden[part][:, None] & is_known
        withheld[part] &= ~((is_inside @ is_all > 0) & is_known)
        # Of nobody, nobody is a part.
        withheld[part] &= withheld[whole] | (counts.sums(whole) > 0)
    for measure in counts.growing:
        # Nobody by a later month is nobody before.
        nil = (counts.sums(measure) == 0) & ~withheld[measure] & counts.present(measure)
        later = np.logical_or.accumulate(nil[:, ::-1], axis=1)[:, ::-1]
        withheld[measure] &= ~(later & (counts.sums(measure) == 0))
    for first, other in _pairs_alike(counts):
        is_same = np.zeros_like(withheld[first])
        is_same[: counts.n_cells] = counts.values[first] == counts.values[other]
        both = withheld[first] & withheld[other]
        for name in (first, other):
            withheld[name] = np.where(is_same, both, withheld[name])
    return withheld


def _pairs_alike(counts: Counts) -> Iterator[tuple[str, str]]:
    for names in counts.alike:
        yield from itertools.combinations(names, 2)


def _stop_subtraction(counts: Counts, hidden: Mapping[str, np.ndarray]) -> None:
    """Withhold more wherever a total less what is shown of it would tell too much."""
    lacking = dict(counts.within)
    is_changed = True
    while is_changed:
        is_changed = False
        for measure, of in hidden.items():
            present = counts.present(measure)
            sums = [counts.sums(measure)]
            if measure in lacking:
                sums.append(counts.sums(lacking[measure]) - sums[0])
            for place, parts in counts.totals:
                if _tells_too_much(of, present, sums, place, np.array(parts)):
                    is_changed |= _add_to_total(counts, of, measure, place, parts)


def _tells_too_much(
    of: np.ndarray,
    present: np.ndarray,
    sums: list[np.ndarray],
    place: int,
    parts: np.ndarray,
) -> bool:
    """Whether a total and its parts, so far as they are shown, tell a withheld one.

    `sums` are places x months of the persons, and of those who are lacking.
    """
    inside = parts[of[parts] & present[parts].any(axis=1)]
    n_inside = present[inside].sum(axis=0)
    if of[place]:
        return bool(((n_inside == 0) & present[place]).any())
    is_tight = (n_inside == 1) & (sums[0][place] > 0)
    for counted in sums:
        is_tight |= (counted[inside].sum(axis=0) < LEAST) & (counted[place] > 0)
    return bool((is_tight & (n_inside > 0)).any())


def _widen(
    counts: Counts, hidden: Mapping[str, np.ndarray], measure: str, place: int
) -> None:
    """Withhold a place more in each sum that `place` stands in."""
    is_changed = False
    for total, parts in counts.totals:
        if place == total or place in parts:
            added = _add_to_total(counts, hidden[measure], measure, total, parts)
            is_changed |= added
    if is_changed:
        return
    # No total tells it: its whole or its part does, or a total of a total.
    for pair in counts.within:
        if measure in pair:
            other = pair[pair[0] == measure]
            is_changed |= not hidden[other][place]
            hidden[other][place] = True
    if not is_changed:
        hidden[measure][:] = True


def _add_to_total(
    counts: Counts, of: np.ndarray, measure: str, place: int, parts: tuple[int, ...]
) -> bool:
    """Withhold another part of a total, the total itself where no part is left."""
    sums = counts.sums(measure)
    free = [at for at in parts if not of[at] and sums[at].any()]
    if not free:
        is_changed = not of[place]
        of[place] = True
        return is_changed

    def cost(at: int) -> tuple[float, ...]:
        """Sums that would hold a lone withheld place; then the smallest wide one."""
        stands_in = [(t, *p) for t, p in counts.totals if t == at or at in p]
        n_lone = sum(not of[list(names)].any() for names in stands_in)
        return (n_lone, -min(sums[at].min(), LEAST), sums[at].sum(), at)

    of[min(free, key=cost)] = True
    return True


class _Attacker:
    """A linear program with one variable for each withheld cell, month and measure."""

    def __init__(self, counts: Counts, withheld: Withheld, steps: Steps) -> None:
        self.counts, self.withheld, self.steps = counts, withheld, steps
        self.variables: dict[str, np.ndarray] = {}
        truth: list[float] = []
        for measure, values in counts.values.items():
            unknown = withheld[measure][: counts.n_cells] & ~np.isnan(values)
            at = np.full(values.shape, -1)
            at[unknown] = np.arange(unknown.sum()) + len(truth)
            truth += values[unknown].tolist()
            self.variables[measure] = at
        self.truth = np.array(truth)
        for first, other in _pairs_alike(counts):
            at, of = self.variables[first], self.variables[other]
            is_same = counts.values[first] == counts.values[other]
            self.variables[other] = np.where(is_same, at, of)

    def find(self, most: int | None) -> Exposed:
        rows, names = self._targets()
        if not names:
            return []
        if not len(self.truth):
            sums = (rows @ self.truth).tolist()
            return [(*name, of, of) for name, of in zip(names, sums, strict=True)]
        program = self._program()
        reached = rows @ self._try_steps(program)
        lower, upper = reached.min(axis=1), reached.max(axis=1)
        generator = np.random.default_rng(7)
        n_idle = 0
        # One program opens many intervals at once; what none opens is asked alone.
        while n_idle < _ROUNDS_WITHOUT_GAIN:
            narrow = np.flatnonzero(upper - lower < _ALMOST)
            if not len(narrow):
                return []
            weights = generator.choice((-1.0, 1.0), len(narrow))
            direction = rows[narrow].T @ (weights * generator.uniform(0.5, 1.5))
            for sign in (1, -1):
                reached = rows @ self._solve(program, sign * direction)
                lower, upper = np.minimum(lower, reached), np.maximum(upper, reached)
            n_left = (upper - lower < _ALMOST).sum()
            n_idle = 0 if n_left < len(narrow) else n_idle + 1
        n_found, found = 0, []
        for at in narrow:
            if n_found == most:
                break
            for sign in (1, -1):
                if upper[at] - lower[at] >= _ALMOST:
                    continue
                direction = sign * rows[[at]].toarray().ravel()
                reached = rows @ self._solve(program, direction)
                lower, upper = np.minimum(lower, reached), np.maximum(upper, reached)
            if upper[at] - lower[at] < _ALMOST:
                n_found += 1
                found.append((*names[at], float(lower[at]), float(upper[at])))
        return found

    def _targets(self) -> tuple[scipy.sparse.csr_array, list[tuple[str, int, int]]]:
        """Sums of variables of each withheld place and month, and which they are of."""
        at_rows: list[int] = []
        at_columns: list[int] = []
        names: list[tuple[str, int, int]] = []
        for measure, withheld in self.withheld.items():
            at = self.variables[measure]
            present = self.counts.present(measure)
            for place, month in np.argwhere(withheld & present):
                columns = at[self.counts.places[place], month]
                columns = columns[columns >= 0]
                at_rows += [len(names)] * len(columns)
                at_columns += columns.tolist()
                names.append((measure, int(place), int(month)))
        shape = (len(names), len(self.truth))
        ones = np.ones(len(at_rows))
        at = (at_rows, at_columns)
        return scipy.sparse.csr_array((ones, at), shape=shape), names

    def _program(self) -> dict[str, Any]:
        counts, n = self.counts, len(self.truth)
        # What is left of a whole less than its part is below 0; nothing else is.
        low = np.minimum(0, self.truth)
        high = np.full(n, _FARFETCHED * (1 + np.abs(self.truth).sum()))
        sums: list[np.ndarray] = []
        pairs: list[tuple[int, int]] = []
        for measure, withheld in self.withheld.items():
            at = self.variables[measure]
            for line, month in np.argwhere(~withheld[counts.n_cells :]):
                columns = at[counts.places[line + counts.n_cells], month]
                sums += [columns[columns >= 0]] if (columns >= 0).any() else []
            if measure in counts.growing:
                pairs += self._growth(measure, low, high)
        for part, whole in counts.within:
            pairs += self._parts(part, whole, low, high)
        at_rows = np.repeat(np.arange(len(sums)), [len(of) for of in sums])
        at = (at_rows, np.concatenate([*sums, []]).astype(int))
        shown = scipy.sparse.csr_array((np.ones(len(at_rows)), at), (len(sums), n))
        at = (np.repeat(np.arange(len(pairs)), 2), np.ravel(pairs).astype(int))
        signs = np.tile((1.0, -1.0), len(pairs))
        less = scipy.sparse.csr_array((signs, at), (len(pairs), n))
        return {
            "bounds": np.column_stack([low, high]),
            "A_eq": shown,
            "b_eq": shown @ self.truth,
            "A_ub": less,
            "b_ub": np.zeros(len(pairs)),
        }

    def _try_steps(self, program: Mapping[str, Any]) -> np.ndarray:
        """Variables x points: the truth, and where known steps lead to from there.

        Each as far as nothing forbids it.
        """
        of_measures = list(self.variables.values())
        known = self.steps.of(list(self.variables), of_measures[0].shape)
        steps = np.zeros((len(self.truth), 1 + len(known)))
        for number, step in enumerate(known, 1):
            for at, of in zip(of_measures, step, strict=True):
                steps[at[at >= 0], number] = of[at >= 0]
        changes = abs(program["A_eq"] @ steps).max(axis=0, initial=0)
        steps[:, changes > _TINY] = 0
        low, high = program["bounds"].T
        order = program["A_ub"]
        room = [self.truth - low, high - self.truth, -(order @ self.truth)]
        taken = np.concatenate([-steps, steps, order @ steps])
        shares = np.ones(taken.shape)
        is_limited = taken > _TINY
        np.divide(np.concatenate(room)[:, None], taken, out=shares, where=is_limited)
        return self.truth[:, None] + steps * shares.min(axis=0).clip(0)

    def _growth(
        self, measure: str, low: np.ndarray, high: np.ndarray
    ) -> list[tuple[int, int]]:
        """Pairs of variables whose first, of an earlier month, is not the larger."""
        pairs = []
        for cell, row in enumerate(self.variables[measure]):
            values = self.counts.values[measure][cell]
            months = np.flatnonzero(~np.isnan(values))
            for first, then in zip(months[:-1], months[1:], strict=True):
                if values[first] > values[then]:
                    continue  # it did fall, as everybody sees who is shown it
                pairs += _compare(
                    row[first], row[then], values[[first, then]], low, high
                )
        return pairs

    def _parts(
        self, part: str, whole: str, low: np.ndarray, high: np.ndarray
    ) -> list[tuple[int, int]]:
        """Pairs of variables of part and whole."""
        pairs = []
        x, n = self.counts.values[part], self.counts.values[whole]
        of_part, of_whole = self.variables[part], self.variables[whole]
        for at in map(tuple, np.argwhere(x <= n)):
            values = (x[at], n[at])
            pairs += _compare(of_part[at], of_whole[at], values, low, high)
        return pairs

    def _solve(self, program: Mapping[str, Any], direction: np.ndarray) -> np.ndarray:
        result = scipy.optimize.linprog(direction, **program, method="highs-ds")
        if result.status != 0:
            raise _UnsolvedError(result.message)
        step = result.x - self.truth
        of = [np.where(at < 0, 0, step[at]) for at in self.variables.values()]
        self.steps.add(list(self.variables), np.array(of))
        return result.x


def _compare(
    less: int, more: int, values: Any, low: np.ndarray, high: np.ndarray
) -> list[tuple[int, int]]:
    """`less` <= `more` as a pair of variables; of a known one as the other's limit."""
    if less >= 0 and more >= 0:
        return [(less, more)]
    if less >= 0:
        high[less] = min(high[less], values[1])
    elif more >= 0:
        low[more] = max(low[more], values[0])
    return []

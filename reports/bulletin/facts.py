"""What a circular and a brief are made of: every figure with the query it came from.

What was queried once is not read again. All of it is of one snapshot and one
month; nothing here knows what is said of the figures.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd

from data_pipeline.check_findings import FAULT
from data_pipeline.rates import (
    Marts,
    add_totals,
    read_branch_spread,
    read_filing,
    read_rates,
    read_roll,
    read_several,
    read_staged,
    read_weak_cases,
)
from data_pipeline.registry import CELL, Metric, Registry, month_end
from reports import belief
from reports.belief import Belief, Beliefs
from reports.cell_classes import judge_cells
from reports.figures.matrix import Anchor
from reports.files.paper import Query
from reports.ledger_quality.rows import select
from reports.overview.rows import duty_metrics, filing_rows
from reports.problems import rows as problems
from reports.weak_organizations.rows import stand_at
from reports.words.standing import city_anchor

GROUP = "supervision_group"
COMMAND = "python -m reports"


@dataclasses.dataclass(eq=False)
class Facts:
    """One snapshot at the end of one month.

    Attributes
    ----------
    flags
        `flags.Flags.found` of the snapshot.
    findings
        `check_findings.read_findings` of the snapshot.
    """

    marts: Marts
    month: str
    flags: pd.DataFrame
    findings: pd.DataFrame
    language: str = "zh"
    _kept: dict[Any, Any] = dataclasses.field(default_factory=dict)

    @property
    def registry(self) -> Registry:
        return self.marts.registry

    @property
    def months(self) -> tuple[str, ...]:
        """Months that anybody filed, up to this one."""
        return tuple(known for known in self.marts.months if known <= self.month)

    @property
    def last_month(self) -> str:
        """The month before this one that was filed; '' where there is none."""
        return next(iter(self.months[-2:-1]), "")

    def keep(self, question: Any, read: Any) -> Any:
        """What `read` gives, read once."""
        if question not in self._kept:
            self._kept[question] = read()
        return self._kept[question]

    def ask(
        self,
        metric: str,
        by: Sequence[str] = (),
        *,
        month: str = "",
        basis: str = "reported",
        where: Mapping[str, str] | None = None,
    ) -> Query:
        """Rates as `rates.read_rates` gives them, and the command that exports them."""
        month, where = month or self.month, dict(where or {})
        words = [COMMAND, "export", metric, "--month", month]
        words += ["--by", ",".join(by)] if by else []
        for dimension, code in where.items():
            words += ["--where", f"{dimension}={code}"]
        words += ["--basis", basis] if basis != "reported" else []
        if self.marts.hides_rows_of(self.registry.metrics[metric]):
            words += ["--audience", self.marts.audience]
        command = " ".join(words)

        about = {
            "by": tuple(by),
            "where": {name: (code,) for name, code in where.items()},
            "months": (month,),
        }

        def read() -> pd.DataFrame:
            if basis != "reported":
                return read_rates(self.marts, metric, basis=basis, **about)
            used = ("reported", month, *by, *sorted(where.items()))
            return self.keep(used, lambda: self._read_all({*by, *where}, about))[metric]

        return Query(command, self.keep(command, read), metric)

    def _read_all(
        self, used: Set[str], about: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """Every metric of these dimensions: one query costs little more than for one,
        and a paper asks most of them."""
        metrics = self.registry.metrics.values()
        asked = [m.id for m in metrics if used <= {*m.dimensions}]
        return read_several(self.marts, asked, **about)

    def row(
        self,
        metric: str,
        place: Mapping[str, str] | None = None,
        *,
        month: str = "",
        basis: str = "reported",
    ) -> Mapping[str, Any] | None:
        """The row of the city, a unit or a group; None where it has none."""
        place = dict(place or {})
        frame = self.ask(metric, tuple(place), month=month, basis=basis).frame
        for name, code in place.items():
            frame = frame[frame[name] == code]
        return frame.iloc[0].to_dict() if len(frame) else None

    def opened_topics(self) -> list[Metric]:
        """Topics whose window has opened by the end of the month."""
        topics = [
            self.registry.metrics[t.metric] for t in self.registry.calendar.topics
        ]
        return [t for t in topics if t.window.start <= month_end(self.month)]

    def duties(self) -> list[Metric]:
        """What branches, members and leaders owe this month."""
        found = duty_metrics(self.registry, self.month).values()
        return [self.registry.metrics[name] for name in found]

    def headlines(self) -> list[Metric]:
        """What is said of every place: open topics, duties, other headline metrics."""
        found = [*self.opened_topics(), *self.duties()]
        found += self.registry.with_role("headline")
        return list({m.id: m for m in found if m.table != "filing"}.values())

    def flags_of(self, **place: str) -> pd.DataFrame:
        """Flags that had begun by the month: of the city, a `group` or a `unit`."""
        return select(self.flags, self.month, **place)

    def _flags_on(self, metric: Metric, **place: str) -> pd.DataFrame:
        """The same by the month whose ledger a figure is made of."""
        month = min(self.month, metric.ledger_month(self.month))
        return select(self.flags, month, **place)

    def faults_of(self, group: str = "", unit: str = "") -> pd.DataFrame:
        """Findings by the month that contradict something."""
        found = self.findings
        kept = found["severity"].eq(FAULT) & found["month"].le(self.month)
        if unit:
            kept &= found["unit"].eq(unit)
        if group:
            kept &= found["unit"].isin(self.units_of(group))
        return found[kept].reset_index(drop=True)

    def units_of(self, group: str) -> list[str]:
        return [c for c, u in self.registry.units.items() if u.group == group]

    def _beliefs(self, metric: Metric, by: Sequence[str]) -> Beliefs:
        """What can be believed of all places of a level, from their own checks."""

        def read() -> Beliefs:
            nothing = pd.DataFrame(columns=list(CELL))
            checked = nothing
            if metric.verified:
                checked = self.ask(metric.id, by, basis="verified").frame
            levels = {tuple(by): checked}
            flags = self._flags_on(metric)
            return belief.believe(flags, levels, None, metric, self.registry)

        return self.keep(("beliefs", metric.id, tuple(by)), read)

    def belief(self, metric: Metric, place: Mapping[str, str] | None = None) -> Belief:
        """What can be believed of the figure of one place."""
        place = dict(place or {})
        if group := place.get(GROUP):
            return self._belief_of_group(metric, group)
        beliefs = self._beliefs(metric, tuple(place))
        return beliefs[place.get("unit"), place.get("sector")]

    def _belief_of_group(self, metric: Metric, group: str) -> Belief:
        def read() -> Belief:
            checked = pd.DataFrame(columns=[GROUP])
            if metric.verified:
                checked = self.ask(metric.id, (GROUP,), basis="verified").frame
            checked = checked[checked[GROUP] == group].drop(columns=GROUP)
            flags = self._flags_on(metric, group=group)
            about = (flags, {(): checked}, None, metric, self.registry)
            return belief.believe(*about)[None, None]

        return self.keep(("belief", metric.id, group), read)

    def caveat(self, metric: Metric, place: Mapping[str, str] | None = None) -> str:
        """What must be said beside praise of a place."""
        return belief.caveat(self.belief(metric, place), self.language)

    def judged(self, metric: Metric) -> pd.DataFrame:
        """Cells of the city, its units and sectors, hot or cold against the city."""
        return self._judge(metric, self.city_line(metric))

    def held_to_demand(self, metric: Metric) -> pd.DataFrame:
        """The same against the demand: who has to do more, however the city is."""
        return self._judge(metric, None)

    def city_line(self, metric: Metric) -> Anchor:
        """What is hot and cold is said against the city, as on the pages."""
        (city_rate,) = self.ask(metric.id).frame["rate"]
        return city_anchor(metric, self.month, city_rate)

    def _judge(self, metric: Metric, line: Anchor | None) -> pd.DataFrame:
        def read() -> pd.DataFrame:
            cells = add_totals(
                self.ask(metric.id, CELL).frame,
                CELL,
                lambda part: self.ask(metric.id, part).frame,
            )
            spread = read_branch_spread(self.marts, metric.id, self.month)
            return judge_cells(cells, metric, self.month, line, spread=spread)

        return self.keep(("judged", metric.id, line and line.kind), read)

    def filing(self) -> Query:
        """Who filed the month's ledger in time: one row a unit, with its `status`."""

        def read() -> pd.DataFrame:
            rows = read_filing(self.marts)
            rows = rows[rows["month"] == self.month]
            return filing_rows(rows, self.marts.snapshot).reset_index(drop=True)

        return Query("", self.keep("filing", read))

    def filing_status(self, unit: str) -> str:
        """on_time, late, partial, missing or not_due; '' for who owes nothing."""
        rows = self.filing().frame
        return next(iter(rows.loc[rows["unit"] == unit, "status"]), "")

    def weak_cases(self) -> pd.DataFrame:
        """Weak organisations with their state at the end of the month."""

        def read() -> pd.DataFrame:
            cases = read_weak_cases(self.marts, self.month)
            return stand_at(cases, self.registry, self.month)

        return self.keep("weak", read)

    def problems(self) -> pd.DataFrame:
        """Problems open at the month's end, `is_overdue` where their term is over."""

        def read() -> pd.DataFrame:
            filed = read_staged(self.marts, "problem")
            if filed is None:
                return pd.DataFrame(columns=["unit", GROUP, "level", "is_overdue"])
            standing = problems.stand_at(filed, self.month)
            rows = standing[standing["is_open"]]
            return rows.assign(is_overdue=rows["days_overdue"] > 0)

        return self.keep("problems", read)

    def has_filed(self, name: str) -> bool:
        """Whether anything of a table speaks of this month or an earlier one."""
        return self.keep(("has_filed", name), lambda: self._has_filed(name))

    def _has_filed(self, name: str) -> bool:
        table, rows = self.registry.tables[name], read_staged(self.marts, name)
        if rows is None or rows.empty:
            return rows is None
        for column in table.of_type("month"):
            return bool((rows[column] <= self.month).any())
        for column in table.of_type("date"):
            days = pd.to_datetime(rows[column])
            return bool((days <= pd.Timestamp(month_end(self.month))).any())
        return True

    def roll(self) -> pd.DataFrame:
        return self.keep("roll", lambda: read_roll(self.marts))


def number_of(value: Any) -> float | None:
    """A figure, or None where there is none."""
    return None if value is None or np.isnan(value) else float(value)

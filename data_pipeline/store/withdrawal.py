"""Withdrawals: a submission taken out of force by another one, with its reason.

Nothing is deleted. From the next build on the rows of the withdrawn submission do not
count, and what they had superseded counts again; `build --as-of` an earlier time gives
what was in force then.
"""

from __future__ import annotations

import re
from datetime import datetime

import pyarrow.compute as pc

from data_pipeline.number_words import time_text
from data_pipeline.registry import Registry, month_end
from data_pipeline.store import draw_register
from data_pipeline.store.lake import Lake
from data_pipeline.store.manifest import Submission, in_force
from data_pipeline.words import text
from data_pipeline.workbooks.finding import PERSONAL_HEADING, holds_personal_number

REASON_CHARS = 200
CHECKS = "spot_check"
# What stands before a colon: \uff1a as it is typed in Chinese.
_FIELD = re.compile(r"([^\s:\uff1a]{1,8})[:\uff1a]")


class WithdrawalError(RuntimeError):
    """A submission cannot be withdrawn; `sentence` says why and what to do."""

    def __init__(self, key: str, **values: object):
        self.key, self.values = key, values
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        return text(language, f"withdrawal.{self.key}", **self.values)


def withdraw(
    lake: Lake,
    registry: Registry,
    submission: str,
    *,
    reason: str,
    received: datetime,
    group: str | None = None,
) -> Submission:
    """Take a submission out of force; call inside `lake.writing()`.

    Parameters
    ----------
    submission
        Its id, as `ingest` printed it.
    reason
        Up to REASON_CHARS characters, nothing of a person.
    received
        When the withdrawal came in: states of knowledge before it stay as they are.
    group
        Code of the group that asks for it: only its own submissions, then.

    Returns
    -------
    The withdrawal, itself a submission.

    Raises
    ------
    WithdrawalError
        No such submission, not the group's, withdrawn already, itself a withdrawal, a
        draw that checks rest on, a reason that is missing, too long or about a
        person; nothing is stored.
    ManifestError
        As `Lake.submissions`.
    OSError
        The disk is full or faulty; nothing is stored.
    """
    reason = read_reason(reason)
    known = lake.submissions()
    found = next((one for one in known if one.id == submission), None)
    if found is None:
        raise WithdrawalError("unknown", submission=submission)
    about = {"submission": found.id, "file": found.file}
    if group and found.group != group:
        raise WithdrawalError("other_group", **about)
    if found.withdraws:
        raise WithdrawalError("is_withdrawal", **about)
    zone = registry.calendar.timezone
    for one in known:
        if one.withdraws == found.id:
            when = time_text(one.received.astimezone(zone))
            raise WithdrawalError("twice", **about, when=when)
    if received < found.received:
        when = time_text(found.received.astimezone(zone))
        raise WithdrawalError("before_receipt", **about, when=when)
    if n_checks := _count_checks(lake, registry, known, found):
        raise WithdrawalError("checked", **about, n=n_checks)
    return lake.withdraw(found, reason=reason, received=received, group=group)


def read_reason(given: str) -> str:
    """A reason on one line.

    Raises
    ------
    WithdrawalError
        None is given, it is too long, or speaks of a person.
    """
    reason = " ".join("".join(c if c.isprintable() else " " for c in given).split())
    if not reason:
        raise WithdrawalError("no_reason")
    if len(reason) > REASON_CHARS:
        raise WithdrawalError("long_reason", n=len(reason), most=REASON_CHARS)
    fields = _FIELD.findall(reason.casefold())
    if holds_personal_number(reason) or any(map(PERSONAL_HEADING.search, fields)):
        raise WithdrawalError("personal")
    return reason


def _count_checks(
    lake: Lake,
    registry: Registry,
    known: tuple[Submission, ...],
    withdrawn: Submission,
) -> int:
    """How many random checks were judged by the draw that a submission registered.

    As drawn_check.sql does it: those that name the draw, and those that name none, of
    its branches, from its month on. A draw that was made again for the month might
    speak for them as well; that they rest on this one is enough.
    """
    if not any(file.table == draw_register.TABLE for file in withdrawn.files):
        return 0
    columns = ["draw", "month", "branch"]
    ((_, drawn),) = lake.read(draw_register.TABLE, columns, (withdrawn,))
    draw, month = (drawn.column(name)[0].as_py() for name in columns[:2])
    if CHECKS not in registry.tables:
        return 0
    first_day = month_end(month).replace(day=1)
    columns = ["check_date", "branch", "selection", "draw"]
    count = 0
    for _, checks in lake.read(CHECKS, columns, in_force(known)):
        is_random = pc.equal(checks.column("selection"), "random")
        is_named = pc.fill_null(pc.equal(checks.column("draw"), draw), False)
        is_listed = pc.is_in(checks.column("branch"), drawn.column("branch"))
        is_since = pc.greater_equal(checks.column("check_date"), first_day)
        is_free = pc.and_(pc.is_null(checks.column("draw")), is_since)
        rests = pc.or_(is_named, pc.and_(is_free, is_listed))
        count += pc.sum(pc.and_(is_random, rests)).as_py() or 0
    return count

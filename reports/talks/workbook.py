"""The workbook of talks: a summary, a brief for each place, a sheet that comes back.

It is for groups that fill in Chinese sheets, and is Chinese like every workbook that
comes back through `ingest`. The sheets of words are named as explanations, which the
reader passes over; 督导工作 is the template's own with group, unit and reasons filled
in.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from data_pipeline.finding_words import sentence
from data_pipeline.registry import Registry
from data_pipeline.workbooks.template import Lists, Styles, write_table
from data_pipeline.xlsx_file import new_workbook
from reports import findings
from reports.files.prefilled import write_facts
from reports.ledger_calendar import rows as filings
from reports.talks.places import Known, explain_reasons, of_place
from reports.words import catalogue, wording

TABLE = "duty"
ACT = "interview"
TEXTS = catalogue.texts("talks.workbook")["zh"]
BETWEEN = catalogue.text("zh", "talks.rows.between")
STATES = catalogue.texts("weak_organizations.tables.states")["zh"]
CLASS_WORDS = catalogue.texts("hot_cold")["zh"]
SUMMARY = ("position", "group", "unit", "sector", "why", "brief")


def talks_workbook(
    chosen: pd.DataFrame,
    known: Known,
    registry: Registry,
    month: str,
    *,
    place: str,
    snapshot: str,
    notice: str,
    created: datetime,
) -> bytes:
    """Write the workbook.

    Parameters
    ----------
    chosen
        Rows of `places.propose`, in the order in which they are to be listed.
    known
        What the briefs are made of.
    place
        What the list is of, in words.
    snapshot, notice, created
        Id of the snapshot, what must be said of it ('' for nothing), when it was built.

    Returns
    -------
    bytes
        An XLSX file; the same input gives the same bytes.
    """
    sink = io.BytesIO()
    rows = list(chosen.itertuples())
    title = TEXTS["title"].format(place=place, month=wording.month_name(month))
    reasons = [
        BETWEEN.join(one.says for one in explain_reasons(row, known, registry, month))
        for row in rows
    ]
    with new_workbook(sink) as book:
        book.set_properties({"title": title, "created": wording.file_time(created)})
        styles, lists = Styles(book), Lists(registry)
        facts = [
            (TEXTS["place"], place),
            (TEXTS["month"], wording.month_name(month)),
            (TEXTS["n"], TEXTS["n_value"].format(n=wording.number(len(rows)))),
            (TEXTS["snapshot"], snapshot),
            *([(TEXTS["notice"], notice)] if notice else []),
        ]
        has_table = TABLE in registry.tables
        if has_table:
            sheet = registry.tables[TABLE].sheet
            facts.append((TEXTS["how"], TEXTS["how_value"].format(sheet=sheet)))
        _write_summary(book, styles, title, facts, rows, reasons, registry)
        for number, row in enumerate(rows, 1):
            name = TEXTS["brief_sheet"].format(n=f"{number:02d}")
            _write_brief(book.add_worksheet(name), styles, row, known, registry, month)
        if has_table:
            duties = _duties(rows, reasons, registry)
            write_table(book, registry.tables[TABLE], lists, styles, duties)
        lists.write(book)
    return sink.getvalue()


def _duties(
    rows: Sequence[Any], reasons_of: Sequence[str], registry: Registry
) -> Iterable[dict[str, str]]:
    """One talk a row; its day is left to be filled in.

    The remark tells the talks of one unit and day apart: all but the quantity is the
    key of a duty.
    """
    table = registry.tables[TABLE]
    acts = {code: word for word, code in table.column("act").words.items()}
    most = table.column("note").max_chars
    for row, reasons in zip(rows, reasons_of, strict=True):
        sector = registry.sectors[row.sector].name_zh
        note = TEXTS["note"].format(sector=sector, reasons=reasons)
        yield {
            "supervision_group": registry.groups[row.supervision_group].name_zh,
            "act": acts[ACT],
            "unit": registry.units[row.unit].name_zh,
            "note": note[:most],
        }


def _write_summary(
    book: Workbook,
    styles: Styles,
    title: str,
    facts: Sequence[tuple[str, str]],
    rows: Sequence[Any],
    reasons: Sequence[str],
    registry: Registry,
) -> None:
    sheet = book.add_worksheet(TEXTS["summary_sheet"])
    write_facts(sheet, styles, title, facts)
    top = len(facts) + 3
    for column, (name, width) in enumerate(
        zip(SUMMARY, (22, 90, 16, 14, 80, 14), strict=True)
    ):
        sheet.write_string(top, column, TEXTS[name], styles.optional)
        if column > 1:
            sheet.set_column(column, column, width)
    for number, (row, why) in enumerate(zip(rows, reasons, strict=True), 1):
        brief = TEXTS["brief_sheet"].format(n=f"{number:02d}")
        sheet.write_number(top + number, 0, number)
        cells = (
            registry.groups[row.supervision_group].name_zh,
            registry.units[row.unit].name_zh,
            registry.sectors[row.sector].name_zh,
            why,
        )
        for column, value in enumerate(cells, 1):
            sheet.write_string(top + number, column, value, styles.prose)
        sheet.write_url(top + number, 5, f"internal:'{brief}'!A1", string=brief)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_brief(
    sheet: Worksheet,
    styles: Styles,
    row: Any,
    known: Known,
    registry: Registry,
    month: str,
) -> None:
    """One place on one page: why, figures, flags, checks, weak cases, problems."""
    unit = registry.units[row.unit].name_zh
    title = f"{unit} · {registry.sectors[row.sector].name_zh}"
    group = registry.groups[row.supervision_group].name_zh
    why = [one.says for one in explain_reasons(row, known, registry, month)]
    sections = [
        (TEXTS["why"], why),
        (TEXTS["filing"], _filing(row, known)),
        (TEXTS["flags"], _flags(row, known, registry)),
        (TEXTS["checks"], _checks(row, known, registry)),
        (TEXTS["weak"], _weak(row, known)),
    ]
    if known.problems is not None:
        sections.append((TEXTS["problems"], _problems(row, known, registry)))
    facts = [(TEXTS["group"], group), (TEXTS["month"], wording.month_name(month))]
    for label, lines in sections:
        written = enumerate(lines or [TEXTS["nothing"]])
        facts += [(label if not at else "", line) for at, line in written]
    write_facts(sheet, styles, title, facts)
    _write_figures(sheet, styles, len(facts) + 3, row, known, registry)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)


def _write_figures(
    sheet: Worksheet,
    styles: Styles,
    top: int,
    row: Any,
    known: Known,
    registry: Registry,
) -> None:
    """What the month's ledger says of each duty, and whether the topic is cold."""
    heads = ("figures", "rate", "numerator", "denominator", "cold")
    for column, name in enumerate(heads):
        sheet.write_string(top, column, TEXTS[name], styles.optional)
    sheet.set_column(2, 4, 14)
    number = top
    for name, frame in known.metrics.items():
        own = frame[(frame["unit"] == row.unit) & (frame["sector"] == row.sector)]
        if own.empty:
            continue
        number += 1
        found, metric = own.iloc[0], registry.metrics[name]
        sheet.write_string(number, 0, metric.label_zh)
        rate = wording.rate_text(found["rate"], metric.unit)
        sheet.write_string(number, 1, rate, styles.prose)
        for column, side in enumerate(("numerator", "denominator"), 2):
            if wording.is_missing(found[side]):
                sheet.write_string(number, column, wording.WITHHELD["zh"])
            else:
                sheet.write_number(number, column, int(found[side]))
        if name == known.topic.id:
            sheet.write_string(number, 4, _class_of(row, known))


def _class_of(row: Any, known: Known) -> str:
    if "cell_class" not in known.judged:
        return ""
    judged = known.judged
    own = judged[(judged["unit"] == row.unit) & (judged["sector"] == row.sector)]
    return CLASS_WORDS.get(own["cell_class"].iloc[0], "") if len(own) else ""


def _filing(row: Any, known: Known) -> list[str]:
    """Months in which the ledger did not come as it should."""
    own = known.filing[
        (known.filing["unit"] == row.unit) & (known.filing["sector"] == row.sector)
    ]
    sums = filings.sum_up(own, ["month"]).to_dict("records")
    return [
        f"{wording.month_name(one['month'])} {filings.cell_text(one)}"
        for one in sums
        if one["state"] in ("missing", "late", "late_corrected", "corrected")
    ]


def _flags(row: Any, known: Known, registry: Registry) -> list[str]:
    lines = []
    for flag in of_place(known.flags, row.unit, row.sector).itertuples():
        state = findings.say_state(flag.finding_state, flag.state_date, registry)
        ask = TEXTS["ask"].format(text=registry.rule(flag.rule).remedy_zh)
        message = f"{registry.rule(flag.rule).name_zh} {flag.first_month}"
        lines.append(f"{message} {sentence(flag, registry)} {ask} {state}")
    return lines


def _checks(row: Any, known: Known, registry: Registry) -> list[str]:
    own = of_place(known.checks, row.unit, row.sector)
    lines = []
    for way, made in own.groupby("selection", sort=True):
        name = registry.word("selection", way)
        day = wording.day_name(pd.Timestamp(made["check_date"].max()))
        n = wording.number(made["branch"].nunique())
        lines.append(TEXTS["checked"].format(way=name, n=n, day=day))
    random = own[own["selection"] == "random"]
    for topic in registry.calendar.topics:
        verified = registry.metrics[topic.metric].verified
        if not verified or verified.column not in random:
            continue
        said = random[random[verified.column].notna()]
        if len(said):
            k = int(said[verified.column].eq("yes").sum())
            counts = {"k": wording.number(k), "n": wording.number(len(said))}
            lines.append(TEXTS["confirmed"].format(topic=topic.label_zh, **counts))
    return lines or [TEXTS["no_checks"]]


def _weak(row: Any, known: Known) -> list[str]:
    return [
        TEXTS["weak_case"].format(
            branch=case.branch_name,
            days=wording.number(case.days_listed),
            state=STATES.get(case.state, case.state),
        )
        for case in of_place(known.weak, row.unit, row.sector).itertuples()
    ]


def _problems(row: Any, known: Known, registry: Registry) -> list[str]:
    lines = []
    for one in of_place(known.problems, row.unit, row.sector).itertuples():
        due = TEXTS["no_due"]
        if not wording.is_missing(one.due_date):
            day = wording.day_name(pd.Timestamp(one.due_date))
            due = TEXTS["due"].format(day=day)
        lines.append(
            TEXTS["problem"].format(
                code=one.problem_code,
                kind=registry.word("kind", one.kind),
                day=wording.day_name(pd.Timestamp(one.raised_date)),
                due=due,
            )
        )
    return lines

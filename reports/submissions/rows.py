"""What a page says of files before and after they are filed, in words and tables."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.workbooks.finding import Finding
from reports.code_words import code_words
from reports.tables import DisplayTable, tabulate
from reports.words import catalogue, wording

PAGE = "submissions"
STATES = catalogue.texts(f"{PAGE}.state")
# How a submission stands: `pending` is in the lake, but not in the figures yet.
WITHDRAWABLE = ("in_force", "partly", "replaced", "pending")
SOURCE = ("source_file", "source_sheet", "source_row")
FINDING = ("place", "field", "value", "reason", "remedy", "code")
# Of a check's finding, as people read it.
CHECKED = ("severity", "rule", "month", "unit", "sector", "branch", "sentence")


def list_findings(
    findings: Iterable[Finding], *, with_file: bool = False
) -> pd.DataFrame:
    """A line for each fault of a file: `FINDING`, in the order of the file.

    `with_file` puts `source_file` before them.
    """
    lines = [
        (
            found.file,
            "!".join(part for part in (found.sheet, found.cell) if part),
            *(found.heading, found.value, found.reason, found.remedy, found.code),
        )
        for found in findings
    ]
    listed = pd.DataFrame(lines, columns=["source_file", *FINDING])
    return listed if with_file else listed[list(FINDING)]


def stand(submissions: pd.DataFrame, fates: pd.DataFrame) -> pd.DataFrame:
    """How each submission stands, the latest received first.

    Parameters
    ----------
    submissions
        As `upload.list_submissions` gives them.
    fates
        As `rates.read_row_fates` gives them: those that the figures know.

    Returns
    -------
    DataFrame
        `received`, `submission`, `source_file`, `supervision_group` ('' for the
        office), `months`, `n_rows`, `rows` (by table), `submission_state` (of
        `STATES`), `withdrawn`, `withdrawn_by`, `reason`.
    """
    gone = fates["n_rows"].where(fates["replaced_by"] != "", 0)
    sums = gone.groupby(fates["submission"]).sum()
    n_replaced = submissions["submission"].map(sums)
    rows = submissions.assign(submission_state="in_force")
    is_known = n_replaced.notna()
    rows.loc[~is_known, "submission_state"] = "pending"
    rows.loc[n_replaced > 0, "submission_state"] = "partly"
    is_replaced = is_known & (n_replaced >= submissions["n_rows"])
    rows.loc[is_replaced, "submission_state"] = "replaced"
    rows.loc[submissions["withdrawn"] != "", "submission_state"] = "withdrawn"
    rows["months"] = [_span(months) for months in rows["months"]]
    # One may be entered later for an earlier day; of one moment the later counts.
    rows = rows.sort_values("received", kind="stable")
    return rows.iloc[::-1].reset_index(drop=True)


def list_record(entries: pd.DataFrame, fates: pd.DataFrame) -> pd.DataFrame:
    """What was filed, withdrawn and replaced, in order: derived from the manifest.

    Parameters
    ----------
    entries
        As `upload.read_record` gives them.
    fates
        As `rates.read_row_fates` gives them.

    Returns
    -------
    DataFrame
        `received`, `event` (filed, withdrawn, superseded), `submission`, `other` (the
        one withdrawn or replaced), `source_file`, `supervision_group`, `n_rows`, `why`
        and `seal` of the entry. What a withdrawn submission had replaced is not said
        again: its withdrawal is.
    """
    pairs = fates[fates["replaced_by"] != ""]
    pairs = pairs.groupby(["replaced_by", "submission"])["n_rows"].sum().reset_index()
    pairs.columns = ["submission", "other", "n_rows"]
    beside = ["sequence", "received", "submission", "source_file"]
    beside += ["supervision_group", "seal"]
    replaced = pairs.merge(entries[beside], on="submission")
    replaced = replaced.assign(event="superseded", why="")
    rows = pd.concat([entries, replaced]).sort_values("sequence", kind="stable")
    columns = ["received", "event", "submission", "other", "source_file"]
    columns += ["supervision_group", "n_rows", "why", "seal"]
    return rows[columns].reset_index(drop=True)


def _span(months: Sequence[str]) -> str:
    """Months in a row as first – last.

    >>> _span(("2016-04", "2016-05")), _span(("2016-04",)), _span(())
    ('2016-04 – 2016-05', '2016-04', '')
    """
    ends = dict.fromkeys((months[0], months[-1])) if months else ()
    return " – ".join(ends)


def say_rows(rows: Mapping[str, int], registry: Registry, language: str) -> str:
    """'台账 12、名册 3': how many rows of which table."""
    parts = [
        catalogue.text(
            language,
            f"{PAGE}.own.rows",
            table=_table_name(name, registry, language),
            n=wording.number(n),
        )
        for name, n in rows.items()
    ]
    return catalogue.text(language, f"{PAGE}.own.between").join(parts)


def _table_name(name: str, registry: Registry, language: str) -> str:
    table = registry.lake_tables.get(name)
    return wording.in_language(table, "label", language) if table else name


def describe(
    brought: pd.DataFrame,
    counts: Mapping[str, int],
    files: Sequence[str],
    language: str,
) -> str:
    """The answer of a preview in sentences.

    Parameters
    ----------
    brought
        As `upload.Preview.brought`.
    counts
        How many are `outdated`, `warned`, `settled` and `moved`.
    files
        Names of the readable files.
    """

    def say(key: str, **values: Any) -> str:
        return catalogue.text(language, f"{PAGE}.preview.{key}", **values)

    sums = brought[["n_rows", "n_new", "n_changed", "n_same", "n_left_out"]].sum()
    number = {name: wording.number(value) for name, value in sums.items()}
    comma = catalogue.text(language, f"{PAGE}.own.between")
    sentences = [
        say("files", files=comma.join(files), rows=number["n_rows"]),
        say("rows", **{n: number[n] for n in ("n_new", "n_changed", "n_same")}),
    ]
    if sums["n_left_out"]:
        sentences.append(say("left_out", n=number["n_left_out"]))
    for name in ("outdated", "moved", "warned", "settled"):
        if counts[name]:
            sentences.append(say(name, n=wording.number(counts[name])))
        elif name == "moved":
            sentences.append(say("still"))
    return wording.join(sentences, language, "sentences")


def tabulate_rows(
    frame: pd.DataFrame, registry: Registry, language: str
) -> DisplayTable:
    """Any list of the page under people's headings."""
    tables = {n: _table_name(n, registry, language) for n in registry.lake_tables}
    known = code_words(registry, language)
    columns = {}
    if "column_name" in frame:
        columns = {n: _column(n, registry, language) for n in set(frame["column_name"])}
    words = {
        **known,
        "table_name": tables,
        "column_name": columns,
        "submission_state": STATES[language],
        "event": catalogue.texts(f"{PAGE}.event")[language],
    }
    if {"before", "after"} <= set(frame):
        said = {
            side: [
                known.get(column, {}).get(value, value)
                for column, value in zip(frame["column_name"], frame[side], strict=True)
            ]
            for side in ("before", "after")
        }
        frame = frame.assign(**said)
    # Where something is, not which it is in an order.
    kinds = dict.fromkeys(("value", "place", "after"), "text") | {"received": "time"}
    return tabulate(frame, registry, language, section=PAGE, words=words, kinds=kinds)


def _column(name: str, registry: Registry, language: str) -> str:
    if name == "basis":
        return catalogue.text(language, "ledger_calendar.rows.field_basis")
    return registry.label(name, language)


def checked_rows(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings of `check` as the page lists them: `CHECKED` and their sources."""
    return findings.reindex(columns=[*CHECKED, "source_file"])


def say_submissions(
    listed: pd.DataFrame, registry: Registry, language: str
) -> pd.DataFrame:
    """As `stand`, with who filed and withdrew, and the rows by table, in words."""
    who = functools.partial(_who, registry, language)
    is_withdrawn = listed["withdrawn"] != ""
    return pd.DataFrame(
        {
            "received": listed["received"],
            # What a phone shows of a long row: whether it counts, then what it is.
            "submission_state": listed["submission_state"],
            "source_file": listed["source_file"],
            "months": listed["months"],
            "brought": [say_rows(rows, registry, language) for rows in listed["rows"]],
            "n_rows": listed["n_rows"],
            "sender": [who(group) for group in listed["supervision_group"]],
            "withdrawn": listed["withdrawn"],
            "withdrawer": [
                who(group) if withdrawn else ""
                for group, withdrawn in zip(
                    listed["withdrawn_by"], is_withdrawn, strict=True
                )
            ],
            "why": listed["reason"],
            "submission": listed["submission"],
        }
    )


def of_use(rows: pd.DataFrame) -> pd.DataFrame:
    """`say_submissions` without the columns of a withdrawal where there was none."""
    is_said = rows["withdrawn"].ne("").any()
    return rows if is_said else rows.drop(columns=["withdrawn", "withdrawer", "why"])


def say_withdrawn(
    withdrawn: pd.DataFrame, registry: Registry, language: str
) -> pd.DataFrame:
    """As `upload.read_withdrawn`, with who withdrew in words."""
    who = withdrawn["withdrawn_by"].map(functools.partial(_who, registry, language))
    rows = withdrawn.assign(withdrawer=who, why=withdrawn["reason"])
    columns = ["month", "unit", "sector", "table_name", "n_rows", "source_file"]
    return rows[[*columns, "withdrawn", "withdrawer", "why", "submission"]]


def _who(registry: Registry, language: str, group: str) -> str:
    """Who filed or withdrew: a supervision group, or the office."""
    if not group:
        return catalogue.text(language, f"{PAGE}.own.by_office")
    return wording.place_name(registry, "supervision_group", group, language)


def say_moved(moved: pd.DataFrame, registry: Registry, language: str) -> pd.DataFrame:
    """Figures that would move: metric, place and month, before and after in words."""
    units = [registry.metrics[metric].unit for metric in moved["metric"]]

    def rates(name: str) -> list[str]:
        pairs = zip(moved[name], units, strict=True)
        return [wording.rate_text(value, unit) for value, unit in pairs]

    def counts(prefix: str) -> list[str]:
        sides = (moved[f"{prefix}{side}"] for side in ("numerator", "denominator"))
        return [
            " / ".join(map(wording.number, pair)) for pair in zip(*sides, strict=True)
        ]

    missing = [
        wording.number(now)
        if was == now
        else f"{wording.number(was)} → {wording.number(now)}"
        for was, now in zip(moved["was_n_missing"], moved["n_missing"], strict=True)
    ]
    return pd.DataFrame(
        {
            "metric_name": [
                wording.in_language(registry.metrics[metric], "label", language)
                for metric in moved["metric"]
            ],
            "month": moved["month"],
            "place": [
                _place(row, registry, language) for row in moved.itertuples(index=False)
            ],
            "was_rate": rates("was_rate"),
            "rate": rates("rate"),
            "was_counts": counts("was_"),
            "counts": counts(""),
            "missing": missing,
        },
        index=moved.index,
    )


def _place(row: Any, registry: Registry, language: str) -> str:
    for dimension in ("unit", "supervision_group", "sector"):
        if code := getattr(row, dimension):
            return wording.place_name(registry, dimension, code, language)
    return catalogue.text(language, "selection.city")

"""`python -m reports`: the figures of a screen, the papers of a month, whom to talk to.

Exit codes: 0 done; 1 nothing could be read or written, or (of a paper, which is written
all the same) rules found faults; 2 wrong use.
"""

from __future__ import annotations

import argparse
import difflib
import functools
import hashlib
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from data_pipeline.check_findings import read_findings
from data_pipeline.csv_file import csv_bytes
from data_pipeline.disk import disk_sentence, end_on_fault
from data_pipeline.flags import read_flags
from data_pipeline.rates import (
    BASES,
    ChoiceError,
    Marts,
    NoSnapshotError,
    open_marts,
    read_rates,
)
from data_pipeline.registry import (
    DIMENSIONS,
    ROLL_DIMENSIONS,
    Registry,
    RegistryError,
    in_each_language,
    load_registry,
    month_end,
)
from data_pipeline.store.audit import record
from data_pipeline.store.working_copy import lake_argument
from data_pipeline.withheld import AUDIENCES, OFFICE, PUBLIC
from reports.brief.rows import all_places
from reports.brief.rows import brief as brief_of
from reports.brief.rows import file_name as file_name_of
from reports.bulletin.facts import Facts
from reports.bulletin.remarks import Remarks, RemarksError, read_remarks
from reports.bulletin.rows import circular
from reports.files import all_figures
from reports.files.export import (
    FORMATS,
    UsageError,
    check_folder,
    file_name,
    to_bytes,
    write,
)
from reports.files.export_context import DEFAULT_LAKE, ExportContext
from reports.files.paper import FontError, Paper
from reports.talks.places import on_list, propose, read_known
from reports.talks.workbook import talks_workbook
from reports.words import wording
from reports.words.catalogue import LANGUAGES

DONE, FAILED, WRONG_USE = 0, 1, 2
PAPERS = ("docx", "pdf")
# Endings that promise what no export is.
OTHER_FORMATS = ("xls", "xlsm", "xlsb", "et", "ods", "pdf", "docx", "json", "zip")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (UsageError, ChoiceError) as error:
        print(f"reports: {error}", file=sys.stderr)
        return WRONG_USE
    except (NoSnapshotError, RegistryError, RemarksError, FontError) as error:
        print(f"reports: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:
        return end_on_fault(error)


def export(options: argparse.Namespace) -> int:
    """Write one metric as CSV, XLSX or Parquet, or all of them as one long file."""
    registry = load_registry()
    if options.all:
        return _export_all(options, registry)
    if options.metric is None or options.months:
        raise UsageError("name a METRIC with --month, or ask --all with --months.")
    metric = registry.find_metric(options.metric)
    if metric is None:
        labels = {name: m.id for m in registry.metrics.values() for name in m.names}
        raise UsageError(_unknown("metric", options.metric, registry.metrics, labels))
    by = _parse_by(options.by, registry)
    where = [_parse_filter(text, registry) for text in options.where]
    months = [month for text in options.month for month in _split(text)]
    for month in months:
        _check_month(month)
    format = _format(options)
    if format != "csv" and options.out is None:
        raise UsageError(f"{format} is not text: say where it goes with --out FILE.")
    if options.out is not None:
        check_folder(options.out)

    marts = open_marts(options.lake, registry).for_audience(options.audience)
    context = ExportContext(
        snapshot=marts.snapshot,
        registry=registry,
        metric=registry.metrics[metric],
        months=_choose_months(marts, months, by),
        by=by,
        where=_resolve(marts, metric, where),
        basis=options.basis,
        is_long=options.long,
    )
    frame = read_rates(
        marts,
        metric,
        by=by,
        where=context.where,
        months=context.months,
        basis=options.basis,
    )
    _say_notice(marts)
    _log_whole(options, marts, [metric])
    content = to_bytes(frame, context, format)
    if options.out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return DONE
    path = options.out
    if path.is_dir():
        identity = hashlib.sha256(content).hexdigest()[:8]
        path /= file_name(context.name_parts, marts.snapshot, identity, format)
    write(content, path)
    return DONE


def _export_all(options: argparse.Namespace, registry: Registry) -> int:
    """Write every metric of some months as one long file."""
    others = {
        "METRIC": options.metric,
        "--month": options.month,
        "--by": options.by,
        "--where": options.where,
        "--long": options.long,
        "--basis": options.basis != BASES[0],
    }
    if wrong := [name for name, value in others.items() if value]:
        raise UsageError(f"--all gives every metric whole: leave out {wrong[0]}.")
    months = _parse_span(options.months, registry)
    format = _format(options)
    if format not in all_figures.FORMATS:
        raise UsageError(f"--all writes {' or '.join(all_figures.FORMATS)}.")
    if options.out is None:
        raise UsageError("--all is one large file: say where it goes with --out FILE.")
    check_folder(options.out)
    marts = open_marts(options.lake, registry).for_audience(options.audience)
    months = _choose_months(marts, months, ("month",))
    _say_notice(marts)
    _log_whole(options, marts, list(registry.metrics))
    content = all_figures.to_bytes(
        all_figures.all_figures(marts, months), marts, format
    )
    path = options.out
    if path.is_dir():
        identity = hashlib.sha256(content).hexdigest()[:8]
        path /= all_figures.name_of(marts, months, identity, format)
    write(content, path)
    return DONE


def _parse_span(text: str, registry: Registry) -> list[str]:
    """The months of `2016-04..2016-07` or of a list by comma, as the calendar has."""
    first, is_span, last = text.partition("..")
    if not is_span:
        months = _split(text)
        for month in months:
            _check_month(month)
        return months
    for month in (first, last):
        _check_month(month.strip())
    campaign = registry.calendar.months
    found = [m for m in campaign if first.strip() <= m <= last.strip()]
    if not found:
        raise UsageError(f"--months {text}: no month of the campaign lies between.")
    for month in (first.strip(), last.strip()):
        if month not in campaign:
            ends = f"{campaign[0]} … {campaign[-1]}"
            raise UsageError(f"{month} lies outside the campaign, {ends}.")
    return found


def _log_whole(
    options: argparse.Namespace, marts: Marts, metrics: Sequence[str]
) -> None:
    """Write down that counts of persons leave as they are.

    A lake that cannot be written is still read, and what was not logged is said.
    """
    registry = marts.registry
    of_persons = [m for m in metrics if registry.persons_of(registry.metrics[m])]
    if marts.audience != OFFICE or not of_persons:
        return
    about = {
        "metrics": of_persons,
        "snapshot": str(marts.snapshot.id),
        "to": str(options.out or ""),
    }
    try:
        record(options.lake, "command", "exported_unsuppressed", **about)
    except OSError as error:
        print(disk_sentence(error, "en"), file=sys.stderr)


def _say_notice(marts: Marts) -> None:
    """Say what is to be known of the snapshot; in both languages, as logs are read."""
    if marts.snapshot.notice():
        notices = (marts.snapshot.notice("zh"), marts.snapshot.notice("en"))
        print("reports: {} ({})".format(*notices), file=sys.stderr)


def bulletin(options: argparse.Namespace) -> int:
    """Write the circular of a month, or print the frame behind one part of it."""
    ending = "" if options.frame is not None else _ending_of_paper(options.out)
    remarks = _read_remarks(options)
    facts = _facts(options, PUBLIC)
    paper = circular(facts, remarks)
    if not ending:
        return _print_frame(paper, options)
    # The writers cost a start of every other command, too.
    if ending == "docx":
        from reports.files.docx_file import docx_bytes as to_bytes
    else:
        from reports.files.pdf_file import pdf_bytes as to_bytes
    write(to_bytes(paper), options.out)
    return _judge(facts)


def brief(options: argparse.Namespace) -> int:
    """Write a page on the city, each supervision group and each unit into a folder."""
    from reports.files.pdf_file import pdf_bytes

    if not options.out.parent.is_dir() or options.out.is_file():
        raise UsageError(f"--out {options.out}: name a folder in one that exists.")
    facts = _facts(options, OFFICE)
    options.out.mkdir(exist_ok=True)
    for place in all_places(facts):
        path = options.out / file_name_of(facts, place)
        write(pdf_bytes(brief_of(facts, place)), path)
        print(path)
    return _judge(facts)


def _ending_of_paper(out: Path | None) -> str:
    """What a paper is written as; said before anything is read."""
    if out is None:
        raise UsageError("say where the circular goes, --out FILE.docx or FILE.pdf.")
    ending = out.suffix.removeprefix(".").lower()
    if ending not in PAPERS:
        raise UsageError(f"{out}: a circular is .docx or .pdf.")
    check_folder(out)
    return ending


def _facts(options: argparse.Namespace, audience: str) -> Facts:
    """The snapshot that is current now, and what was found in it.

    The circular is a public paper; a brief goes to those it speaks of.
    """
    _check_month(options.month)
    marts = open_marts(options.lake, load_registry()).for_audience(audience)
    if options.month not in marts.months:
        known = ", ".join(marts.months) or "none"
        raise UsageError(
            f"nobody has filed a ledger for {options.month}; filed months: {known}."
        )
    _say_notice(marts)
    _log_whole(options, marts, list(marts.registry.metrics))
    flags, findings = read_flags(marts).found, read_findings(marts)
    return Facts(marts, options.month, flags, findings, options.language)


def _read_remarks(options: argparse.Namespace) -> Remarks | None:
    if options.remarks is None:
        return None
    try:
        text = options.remarks.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{options.remarks} is not UTF-8 text; save it so.") from None
    return read_remarks(text, options.language)


def _print_frame(paper: Paper, options: argparse.Namespace) -> int:
    """The rows behind a sentence, table or chart as CSV; what it says on stderr."""
    try:
        part = paper.part(options.frame)
    except KeyError:
        last = max(part.number for part in paper.numbered())
        wrong = f"--frame {options.frame}: the paper has parts 1 … {last}."
        raise UsageError(wrong) from None
    said = getattr(part, "text", "") or part.title
    print(f"{part.number}: {said}\n{part.query.command}", file=sys.stderr)
    frame = wording.add_names(part.query.frame, load_registry(), options.language)
    sys.stdout.buffer.write(csv_bytes(frame))
    sys.stdout.buffer.flush()
    return DONE


def _judge(facts: Facts) -> int:
    """FAILED where rules found faults by the month: a timer can tell by the code."""
    n_faults = len(facts.faults_of())
    if not n_faults:
        return DONE
    print(
        f"reports: rules found {n_faults} faults by {facts.month}; "
        "`python -m data_pipeline check` lists them.",
        file=sys.stderr,
    )
    return FAILED


def talks(options: argparse.Namespace) -> int:
    """Write the workbook of talks of a month, of one supervision group or of all."""
    registry = load_registry()
    group = None
    if options.group:
        group = registry.resolve("supervision_group", options.group)
        if group is None:
            known = _names(registry, "supervision_group")
            raise UsageError(_unknown("supervision_group", options.group, known))
    month = options.month
    _check_month(month)
    out = options.out
    if out.suffix.lower() != ".xlsx" or not out.parent.is_dir():
        raise UsageError(f"--out {out} is no .xlsx file in a folder that exists.")
    marts = open_marts(options.lake, registry)
    if month not in marts.months:
        filed = ", ".join(marts.months) or "none"
        raise UsageError(f"nobody has filed for {month}; months with ledgers: {filed}.")
    _log_whole(options, marts, list(registry.metrics))
    known = read_known(marts, read_flags(marts).found, month)
    ranked = propose(known, registry, month, group)
    chosen = on_list(ranked)
    place = registry.groups[group].name_zh if group else wording.CITY["zh"]
    content = talks_workbook(
        chosen,
        known,
        registry,
        month,
        place=place,
        snapshot=marts.snapshot.id,
        notice=marts.snapshot.notice(),
        created=marts.snapshot.built_at,
    )
    write(content, out)
    print(out)
    return DONE


def _add_lake(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lake",
        type=lake_argument,
        default=DEFAULT_LAKE,
        metavar="FOLDER",
        help="a folder, or s3://BUCKET/FOLDER in an object store",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_export(commands)
    _add_bulletin(commands)
    command = commands.add_parser("brief", help="a page on each place, as PDF")
    command.set_defaults(run=brief)
    _add_paper(command)
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    talk = commands.add_parser("talks", help="whom to talk to, as a workbook")
    talk.set_defaults(run=talks)
    _add_lake(talk)
    talk.add_argument("--month", required=True, metavar="YYYY-MM")
    talk.add_argument("--group", metavar="GROUP", help="code or name; by default all")
    talk.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx")
    return parser


def _add_export(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("export", help="one metric as CSV, XLSX or Parquet")
    command.set_defaults(run=export)
    command.add_argument(
        "metric", nargs="?", metavar="METRIC", help="id, as in docs/metrics.md"
    )
    command.add_argument(
        "--all",
        action="store_true",
        help="instead of METRIC: every metric as one long file",
    )
    command.add_argument(
        "--months",
        default="",
        metavar="YYYY-MM..YYYY-MM",
        help="of --all: from which month to which, or a list; by default all",
    )
    _add_lake(command)
    command.add_argument(
        "--month",
        action="append",
        default=[],
        metavar="YYYY-MM",
        help="by default the latest; with --by month all",
    )
    command.add_argument(
        "--by",
        default="",
        metavar="DIMENSION,…",
        help=f"any of {', '.join(DIMENSIONS)}, or a category of the metric's table; by "
        "default the city as one row",
    )
    command.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="DIMENSION=VALUE",
        help="code, name or alias; several, by comma or again, are alternatives",
    )
    command.add_argument(
        "--basis", default="reported", help="reported, verified or modelled"
    )
    _add_audience(command)
    command.add_argument(
        "--format", choices=FORMATS, help="by default the ending of --out, else csv"
    )
    command.add_argument(
        "--long",
        action="store_true",
        help="the query in each row too, so that files can be put together",
    )
    command.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="by default stdout; in a folder the file is named after the query",
    )


def _add_bulletin(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("bulletin", help="the circular of a month")
    command.set_defaults(run=bulletin)
    _add_paper(command)
    command.add_argument("--out", type=Path, metavar="FILE", help=".docx or .pdf")
    command.add_argument(
        "--frame",
        type=int,
        metavar="NUMBER",
        help="print the rows behind the sentence, table or chart of that number",
    )
    command.add_argument(
        "--remarks",
        type=Path,
        metavar="FILE",
        help="what the office adds: the day in the first line, then paragraphs",
    )


def _add_paper(command: argparse.ArgumentParser) -> None:
    """The options of every paper of a month."""
    _add_lake(command)
    command.add_argument("--month", required=True, metavar="YYYY-MM")
    command.add_argument("--language", choices=tuple(LANGUAGES), default="zh")


def _add_audience(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--audience",
        choices=AUDIENCES,
        default=OFFICE,
        help="who reads it: for the public, counts of under 5 persons are left blank "
        f"and what would tell them; by default {OFFICE}",
    )


def _split(text: str) -> list[str]:
    """The values of a list, whichever comma it was typed with."""
    parts = (part.strip() for part in re.split("[,\uff0c]", text))
    return [part for part in parts if part]


def _parse_by(text: str, registry: Registry) -> tuple[str, ...]:
    by, known = tuple(_split(text)), registry.dimensions
    for dimension in by:
        if dimension not in known:
            what = "dimension of --by"
            raise UsageError(_unknown(what, dimension, known, _labels(registry)))
    return by


def _parse_filter(text: str, registry: Registry) -> tuple[str, str]:
    """Dimension and values of one --where."""
    dimension, _, values = (part.strip() for part in text.partition("="))
    if dimension == "month":
        raise UsageError("months are chosen with --month, not with --where.")
    known = tuple(d for d in registry.dimensions if d != "month")
    if dimension not in known:
        what = "dimension of --where"
        raise UsageError(_unknown(what, dimension, known, _labels(registry)))
    if not _split(values):
        raise UsageError(f"--where {text!r} is not written as unit=350102.")
    return dimension, values


def _check_month(month: str) -> None:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise UsageError(f"the month {month!r} is not written as 2016-07.")
    month_end(month)


def _format(options: argparse.Namespace) -> str:
    """The requested format; a file is never named as another than it is."""
    is_file = options.out is not None and not options.out.is_dir()
    ending = options.out.suffix.removeprefix(".").lower() if is_file else ""
    wanted = options.format
    if ending in FORMATS and wanted and wanted != ending:
        raise UsageError(
            f"{options.out} would hold {wanted}; name it so or ask {ending}."
        )
    if ending in FORMATS:
        return ending
    if ending in OTHER_FORMATS and not wanted:
        raise UsageError(
            f".{ending} is not written; give --out one of .{', .'.join(FORMATS)}, or "
            "say --format."
        )
    return wanted or "csv"


def _choose_months(
    marts: Marts, wanted: Sequence[str], by: tuple[str, ...]
) -> tuple[str, ...]:
    """The requested months, else the latest, or with month among `by` every one."""
    campaign = marts.registry.calendar.months
    for month in wanted:
        if month not in campaign and month not in marts.months:
            raise UsageError(
                f"{month} lies outside the campaign, {campaign[0]} … {campaign[-1]}."
            )
    if wanted:
        return tuple(dict.fromkeys(wanted))
    if not marts.months:
        raise NoSnapshotError("the snapshot holds no ledger; ingest one and build.")
    if "month" not in by:
        return (marts.latest_month,)
    # A month in between in which nobody filed is silence, and silence is a row.
    first, last = marts.months[0], marts.months[-1]
    between = {month for month in campaign if first < month < last}
    return tuple(sorted(between | set(marts.months)))


def _resolve(
    marts: Marts, metric: str, filters: Iterable[tuple[str, str]]
) -> dict[str, tuple[str, ...]]:
    """Codes of the requested values, by dimension."""
    where: dict[str, tuple[str, ...]] = {}
    for dimension, text in filters:
        if dimension == "township":
            known = _townships(marts, metric)
            codes = dict(zip(known, known, strict=True)).get
        else:
            known = _names(marts.registry, dimension)
            codes = functools.partial(marts.registry.resolve, dimension)
        # A name may hold a comma itself.
        for value in [text] if codes(text) else _split(text):
            code = codes(value)
            if code is None:
                raise UsageError(_unknown(dimension, value, known))
            where[dimension] = (*where.get(dimension, ()), code)
    return {
        dimension: tuple(dict.fromkeys(codes)) for dimension, codes in where.items()
    }


def _townships(marts: Marts, metric: str) -> list[str]:
    frame = read_rates(
        marts, metric, by=("township", "month"), months=marts.months or ("",)
    )
    return sorted(set(frame["township"]) - {""})


def _names(registry: Registry, dimension: str) -> list[str]:
    if dimension in (*ROLL_DIMENSIONS, *registry.categories):
        return [name for pair in registry.words(dimension).items() for name in pair]
    places = {
        "unit": registry.units,
        "sector": registry.sectors,
        "supervision_group": registry.groups,
    }[dimension]
    return [
        name for p in places.values() for name in (p.code, *in_each_language(p, "name"))
    ]


def _labels(registry: Registry) -> dict[str, str]:
    """What people call a dimension, and its code."""
    return {
        wording.dimension_label(registry, name, language): name
        for name in registry.dimensions
        for language in LANGUAGES
    }


def _unknown(
    what: str,
    value: str,
    known: Iterable[str],
    labels: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """A sentence that names what was probably meant, by code or by name."""
    choices = list(known)
    meant = {name.casefold(): name for name in choices}
    meant |= {
        label.casefold(): name for label, name in labels.items() if name in choices
    }
    near = difflib.get_close_matches(value.casefold(), meant, n=1, cutoff=0.5)
    if near:
        return f"{value!r} is not a known {what}; did you mean {meant[near[0]]!r}?"
    shown = ", ".join(choices[:24]) + (", …" if len(choices) > 24 else "")
    return f"{value!r} is not a known {what}; known are {shown}."


if __name__ == "__main__":
    sys.exit(main())

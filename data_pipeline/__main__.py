"""Commands: demo, template, ingest, withdraw, build, check, plan-checks, restore-check.

Exit codes: 0 done; 1 findings or refused input (sentences on stderr); 2 wrong use;
75 another run holds the lake.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from data_pipeline.check_findings import FAULT, read_findings
from data_pipeline.check_plan import (
    LARGEST_SEED,
    PlanError,
    choose_seed,
    draw_plan,
    plan_facts,
    register_plan,
    write_plan,
)
from data_pipeline.csv_file import csv_bytes
from data_pipeline.disk import disk_sentence, end_on_fault, replace_file
from data_pipeline.engines import EngineError, SparkEngine
from data_pipeline.flags import build_with_flags
from data_pipeline.rates import open_marts
from data_pipeline.registry import (
    PACKAGE_FOLDER,
    Registry,
    RegistryError,
    load_registry,
)
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import (
    ClockError,
    IdentityError,
    Lake,
    LakeBusyError,
    ManifestError,
)
from data_pipeline.store.restore_check import examine_anew
from data_pipeline.store.snapshots import (
    DamagedSnapshotError,
    NoSnapshotError,
    Snapshot,
    current_snapshot,
)
from data_pipeline.store.withdrawal import WithdrawalError, withdraw
from data_pipeline.store.working_copy import address_of, catch_up, lake_argument
from data_pipeline.warehouse import BuildError, is_stale
from data_pipeline.words import text
from data_pipeline.workbooks.refusal_words import listed
from data_pipeline.workbooks.template import write_template

EX_TEMPFAIL = 75
DEFAULT_LAKE = "parquet"
REFUSALS = (
    PlanError,
    RegistryError,
    BuildError,
    EngineError,
    NoSnapshotError,
    ManifestError,
    IdentityError,
    ClockError,
)
Progress = Callable[[str, int, int], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        registry = load_registry()
        code = options.run(options, registry)
        sys.stdout.flush()
        return code
    except LakeBusyError as error:
        print(error, file=sys.stderr)
        return EX_TEMPFAIL
    except REFUSALS as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        return end_on_fault(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m data_pipeline", description=__doc__.splitlines()[0]
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_filing(commands)
    _add_build(commands)
    _add_checking(commands)
    return parser


def _add_filing(commands: argparse._SubParsersAction) -> None:
    """What brings rows into the lake, or takes them out of force."""
    demo = commands.add_parser("demo", help="make the made-up city and build it")
    _add_lake(demo)
    demo.add_argument("--seed", type=int, default=2016)
    demo.add_argument(
        "--if-empty",
        action="store_true",
        help="do nothing to a lake that holds real submissions or a finished demo",
    )
    demo.set_defaults(run=_demo)

    template = commands.add_parser("template", help="write the empty workbook")
    template.add_argument("out", type=Path, metavar="OUT.xlsx")
    template.set_defaults(run=_template)

    ingest = commands.add_parser("ingest", help="take workbooks into the lake")
    ingest.add_argument("files", nargs="+", type=Path, metavar="FILE")
    _add_lake(ingest)
    _add_sender(ingest, "the group that sends the files")
    ingest.set_defaults(run=_ingest)

    withdraw_ = commands.add_parser(
        "withdraw", help="take a submission out of force; nothing is deleted"
    )
    withdraw_.add_argument(
        "submission", metavar="SUBMISSION", help="its id, as ingest printed it"
    )
    _add_lake(withdraw_)
    _add_sender(withdraw_, "the group that withdraws its own submission")
    withdraw_.add_argument(
        "--reason", required=True, metavar="TEXT", help="why, in a sentence"
    )
    withdraw_.set_defaults(run=_withdraw)


def _add_build(commands: argparse._SubParsersAction) -> None:
    """What makes a snapshot of the rows."""
    build_ = commands.add_parser("build", help="make a new snapshot of the marts")
    _add_lake(build_)
    build_.add_argument("--as-of", type=_instant, default=None, metavar="ISO-TIME")
    build_.add_argument(
        "--if-stale",
        action="store_true",
        help="only when models, registry or lake were changed since, or nothing is "
        "built yet",
    )
    build_.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        default="duckdb",
        help="what runs the models; spark needs --remote and the extra [spark]",
    )
    build_.add_argument(
        "--remote",
        metavar="sc://HOST:PORT",
        help="a Spark cluster that reads the lake under the same path",
    )
    build_.set_defaults(run=_build)


def _add_checking(commands: argparse._SubParsersAction) -> None:
    """What is asked of branches on the spot, of rows and of stored files."""
    plan = commands.add_parser("plan-checks", help="draw the branches to check")
    _add_lake(plan)
    plan.add_argument("--month", required=True, metavar="YYYY-MM")
    plan.add_argument("--rate", required=True, type=float, metavar="SHARE")
    plan.add_argument(
        "--seed",
        type=_seed,
        help="repeats a draw; left out, the system chooses one that nobody can guess",
    )
    plan.add_argument("--out", required=True, type=Path, metavar="FILE.xlsx")
    plan.set_defaults(run=_plan_checks)

    restored = commands.add_parser(
        "restore-check",
        help="tell whether a lake or a copy of it is whole; exit code 1 when it is not",
    )
    _add_lake(restored)
    restored.set_defaults(run=_restore_check)

    check_ = commands.add_parser(
        "check",
        help="run every rule over the snapshot; exit code 1 when a fault is found",
    )
    _add_lake(check_)
    check_.add_argument(
        "--format",
        choices=("csv",),
        help="a file instead of lines of text, to standard output without --out",
    )
    check_.add_argument("--out", type=Path, metavar="FILE", help="where the CSV goes")
    check_.set_defaults(run=_check)


def _add_lake(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lake",
        type=lake_argument,
        default=Path(DEFAULT_LAKE),
        metavar="DIR",
        help="a folder, or s3://BUCKET/FOLDER in an object store",
    )


def _add_sender(parser: argparse.ArgumentParser, who: str) -> None:
    parser.add_argument(
        "--received",
        type=_instant,
        default=None,
        metavar="ISO-TIME",
        help="default now",
    )
    parser.add_argument("--as", dest="group", type=_group, metavar="GROUP", help=who)


def _seed(given: str) -> int:
    if not (given.isascii() and given.isdigit() and int(given) <= LARGEST_SEED):
        sentence = _say("arguments.seed", given=given, largest=LARGEST_SEED)
        raise argparse.ArgumentTypeError(sentence)
    return int(given)


def _instant(given: str) -> datetime:
    """An ISO time; without a zone it is the campaign's."""
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        sentence = _say("arguments.instant", given=given)
        raise argparse.ArgumentTypeError(sentence) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=load_registry().calendar.timezone)
    return instant


def _group(given: str) -> str:
    """The code of a supervision group, called by its code or a name."""
    registry = load_registry()
    code = registry.resolve("supervision_group", given)
    if code is None:
        known = listed(group.name_zh for group in registry.groups.values())
        sentence = _say("arguments.group", given=given, known=known)
        raise argparse.ArgumentTypeError(sentence)
    return code


def _has_the_demo(registry: Registry) -> bool:
    """Whether a registry has the places, months and tables of the made-up city."""
    own = load_registry(PACKAGE_FOLDER)
    return (
        all(
            registry.named_places[dimension].keys() == places.keys()
            for dimension, places in own.named_places.items()
        )
        and registry.calendar.months == own.calendar.months
        and own.tables.keys() <= registry.tables.keys()
    )


def _demo(options: argparse.Namespace, registry: Registry) -> int:
    lake = Lake(options.lake)
    if options.if_empty:
        catch_up(lake.root)
        if _current(lake):
            return 0
    with lake.writing():
        submissions = lake.submissions()
        has_real = any(not submission.is_demo for submission in submissions)
        if options.if_empty and has_real:
            return 0
        if has_real:
            print(_say("demo_beside_real", root=address_of(lake.root)), file=sys.stderr)
            return 1
        if not _has_the_demo(registry):
            print(_say("demo_elsewhere", folder=registry.folder), file=sys.stderr)
            return 1
        # Not above: it looks for its months when it is imported.
        from data_pipeline import demo_city

        # What a killed demo left is simply continued: the same workbook received at
        # the same time is the same submission.
        with _progress() as progress:
            deliveries = demo_city.write_workbooks(
                lake.root / "demo",
                seed=options.seed,
                progress=progress,
                workers=min(os.cpu_count() or 1, 4),
            )
            rounds = demo_city.plan_rounds(options.seed)
            refusal = demo_city.hand_in(deliveries, rounds, lake, registry, progress)
            if refusal and refusal.fault:
                raise refusal.fault
            if refusal:
                _print_findings(refusal.findings)
                return 1
            snapshot = build_with_flags(
                lake.root, registry, for_all=True, progress=progress
            )
    print(
        _say(
            "demo_done",
            n=len(deliveries),
            folder=lake.root / "demo",
            snapshot=snapshot.id,
            notice=snapshot.notice(),
        )
    )
    return 0


def _template(options: argparse.Namespace, registry: Registry) -> int:
    write_template(options.out, registry)
    print(options.out)
    return 0


def _ingest(options: argparse.Namespace, registry: Registry) -> int:
    paths: list[Path] = []
    is_lacking = False
    for path in options.files:
        if os.path.isdir(path):
            inside, has_fault = _files_of(path)
            if not inside and not has_fault:
                print(_say("ingest.no_file", path=path), file=sys.stderr)
            is_lacking |= has_fault or not inside
            paths += inside
        elif _is_missing(path):
            print(_say("ingest.no_path", path=path), file=sys.stderr)
            return 2
        else:
            paths.append(path)
    lake = Lake(options.lake)
    if _lies_ahead(options.received):
        return 1
    with lake.writing(), _progress() as progress:
        if any(submission.is_demo for submission in lake.submissions()):
            beside = _say("real_beside_demo", root=address_of(lake.root))
            print(beside, file=sys.stderr)
        report = ingest_files(
            paths,
            lake,
            registry,
            received=options.received or lake.received_now(),
            group=options.group,
            progress=progress,
        )
    for accepted in report.accepted:
        rows = ", ".join(f"{n} {table}" for table, n in accepted.rows.items())
        source = {"submission": accepted.submission, "file": accepted.file}
        line = _say("ingest.taken", rows=rows, **source)
        if not accepted.is_new:
            line = _say("ingest.again", line=line)
        if accepted.n_outdated:
            line = _say("ingest.outdated", line=line, n=accepted.n_outdated)
        print(line)
    _print_findings(report.warnings)
    _print_findings(report.findings)
    if report.fault:
        print(disk_sentence(report.fault, "en"), file=sys.stderr)
        for path in report.left:
            print(_say("ingest.not_taken", path=path), file=sys.stderr)
    return 1 if report.refused or report.fault or is_lacking else 0


def _lies_ahead(received: datetime | None) -> bool:
    """Whether a time of receipt that was given is still to come, which is said."""
    if received is None or received <= datetime.now(UTC):
        return False
    sentence = _say("arguments.received", given=received.isoformat())
    print(sentence, file=sys.stderr)
    return True


def _withdraw(options: argparse.Namespace, registry: Registry) -> int:
    if _lies_ahead(options.received):
        return 1
    lake = Lake(options.lake)
    with lake.writing():
        try:
            done = withdraw(
                lake,
                registry,
                options.submission,
                reason=options.reason,
                received=options.received or lake.received_now(),
                group=options.group,
            )
        except WithdrawalError as error:
            print(error.sentence("zh"), file=sys.stderr)
            return 1
    print(_say("withdrawn", id=done.id, submission=done.withdraws, file=done.file))
    return 0


def _files_of(folder: Path) -> tuple[list[Path], bool]:
    """Files below a folder, of any kind, and whether some of it cannot be read.

    What is passed over is named: the reader says itself what it does not take.
    """
    faults: list[OSError] = []
    files = []
    for place, folders, names in os.walk(folder, onerror=faults.append):
        linked = [name for name in folders if (Path(place) / name).is_symlink()]
        skipped = [name for name in names if name.startswith(("~$", "."))]
        for name in skipped:
            print(_say("ingest.temporary", path=Path(place) / name), file=sys.stderr)
        for name in linked:
            print(_say("ingest.link", path=Path(place) / name), file=sys.stderr)
        files += [Path(place) / name for name in names if name not in skipped]
    for fault in faults:
        print(disk_sentence(fault, "en"), file=sys.stderr)
    return sorted(files), bool(faults)


def _is_missing(path: Path) -> bool:
    """Whether nothing is there; what may not be looked at is for the reader to say."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _build(options: argparse.Namespace, registry: Registry) -> int:
    lake, as_of = Lake(options.lake), options.as_of
    open_engine = None
    if options.engine == "spark":
        if not options.remote:
            print(_say("engine.needs_remote"), file=sys.stderr)
            return 2
        open_engine = functools.partial(SparkEngine, options.remote)
    elif options.remote:
        print(_say("engine.needs_spark", remote=options.remote), file=sys.stderr)
        return 2
    if options.if_stale:
        catch_up(lake.root)
    if options.if_stale and (present := _current(lake)):
        if not is_stale(present, registry) and not _has_grown(lake, present):
            return 0
        as_of = as_of or present.as_of
    with lake.writing(), _progress() as progress:
        snapshot = build_with_flags(
            lake.root,
            registry,
            for_all=True,
            as_of=as_of,
            progress=progress,
            on_month=_report_month,
            open_engine=open_engine,
        )
    for path in snapshot.set_aside:
        print(_say("build.damaged", path=path), file=sys.stderr)
    notice = snapshot.notice("en")
    if notice:
        print(_say("build.noted", snapshot=snapshot.id, notice=notice))
    else:
        print(snapshot.id)
    return 0


def _report_month(month: str, n_made: int, n_parts: int) -> None:
    kind = "month_made" if n_made else "month_kept"
    sentence = _say(f"build.{kind}", month=month, n_made=n_made, n_parts=n_parts)
    print(sentence, file=sys.stderr)


def _has_grown(lake: Lake, snapshot: Snapshot) -> bool:
    """Whether anything was submitted or withdrawn since, by the time it speaks of."""
    try:
        known = lake.submissions(snapshot.as_of)
    except ManifestError:
        return False  # nothing can be built on it: what is there is the best there is
    return len(known) != snapshot.n_submissions


def _current(lake: Lake) -> Snapshot | None:
    """The current snapshot, None where one has to be built."""
    try:
        return current_snapshot(lake.root)
    except DamagedSnapshotError:
        return None


def _check(options: argparse.Namespace, registry: Registry) -> int:
    findings = read_findings(open_marts(options.lake, registry))
    if options.format or options.out:
        content = csv_bytes(findings)
        if options.out:
            replace_file(options.out, content)
        else:
            sys.stdout.buffer.write(content)
    else:
        for row in findings.itertuples(index=False):
            source = row.source_file
            if row.row:
                where = {"file": source, "sheet": row.sheet, "row": row.row}
                source = text("zh", "findings.source", **where)
            line = (row.rule, row.severity, row.month, row.sentence, source)
            print("\t".join(line))
    counts = findings["severity"].value_counts()
    line = ", ".join(
        _say("check.count", n=n, severity=severity) for severity, n in counts.items()
    )
    if line:
        line = _say("check.found", n=len(findings), counts=line)
    print(line or _say("check.nothing"), file=sys.stderr)
    return 1 if FAULT in counts else 0


def _restore_check(options: argparse.Namespace, registry: Registry) -> int:  # noqa: ARG001 (as every command)
    found = examine_anew(options.lake)
    for fault in found.faults:
        print(fault.sentence("zh"), file=sys.stderr)
    if found.faults:
        sentence = _say("restore.damaged", n=len(found.faults))
        print(sentence, file=sys.stderr)
        return 1
    if not found.n_submissions:
        print(_say("restore.nothing", root=address_of(options.lake)), file=sys.stderr)
        return 1
    print(
        _say(
            "restore.whole",
            submissions=found.n_submissions,
            withdrawn=found.n_withdrawn,
            files=found.n_files,
            snapshots=found.n_snapshots,
        )
    )
    return 0


def _plan_checks(options: argparse.Namespace, registry: Registry) -> int:
    if options.month not in registry.calendar.months:
        span = {"start": registry.calendar.start, "end": registry.calendar.end}
        sentence = _say("arguments.month", given=options.month, **span)
        print(sentence, file=sys.stderr)
        return 2
    if not options.out.parent.is_dir():
        print(_say("arguments.out", given=options.out), file=sys.stderr)
        return 2
    marts = open_marts(options.lake, registry)
    now = datetime.now(registry.calendar.timezone)
    # A number that can be guessed lets a place know its list beforehand.
    seed = choose_seed() if options.seed is None else options.seed
    draw = draw_plan(marts, options.rate, seed, now, options.month)
    draw, is_new = register_plan(marts, draw)
    for label, value in plan_facts(draw):
        print(f"{label}\t{value}")
    try:
        for path in write_plan(options.out, draw, registry):
            print(path)
    except OSError as error:
        raise PlanError(
            text(
                "en",
                "check_plan.errors.unwritten",
                why=disk_sentence(error, "en"),
                seed=seed,
            )
        ) from None
    if not is_new:
        print(_say("drawn_before"), file=sys.stderr)
    return 0


def _say(key: str, /, **values: object) -> str:
    """What a command says of itself: words/commands.toml."""
    return text("en", f"commands.{key}", **values)


def _print_findings(findings: Sequence) -> None:
    for finding in findings:
        print(finding.sentence(), file=sys.stderr)


@contextlib.contextmanager
def _progress() -> Iterator[Progress]:
    """A progress bar on a terminal, silence in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _step, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, int] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield show


if __name__ == "__main__":
    raise SystemExit(main())

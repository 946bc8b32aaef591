"""A lake in an object store: killed, raced, damaged and cut off as one on a disk.

Every machine is a working copy of its own; the server is spoken to over HTTP. All kills
of the sweeps are tried with LEDGER_ALL_KILLS=1, else some drawn by a seed.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_pipeline.__main__ import main
from data_pipeline.disk import disk_sentence
from data_pipeline.registry import load_registry
from data_pipeline.store import bucket as bucket_module
from data_pipeline.store.audit import read_record, record
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake, LakeBusyError, OvertakenError
from data_pipeline.store.manifest import in_force
from data_pipeline.store.restore_check import examine_anew
from data_pipeline.store.role_table import (
    Person,
    RolesError,
    RoleTable,
    read_roles,
    save_roles,
)
from data_pipeline.store.snapshots import (
    KEPT_SNAPSHOTS,
    Snapshot,
    current_snapshot,
    damaged_files,
    finished_snapshots,
    seal_snapshot,
)
from data_pipeline.store.working_copy import catch_up, copy_of, lake_root
from data_pipeline.upload import ChangedError, Upload, file_uploads, lake_state
from data_pipeline.warehouse import build
from reports.__main__ import main as report
from tests.s3_server import AFTER, BEFORE, BUCKET, ERROR, LOST, REFUSED, S3Server
from tests.submitted_rows import instant, ledger_row, roll_row, submit, to_table
from tests.tiny_city import LEDGER_HEADINGS, build_tiny_city, write_workbook
from ui.lake import LAKE_VARIABLE

PROJECT = Path(__file__).parents[3]

ADDRESS = f"s3://{BUCKET}/fuzhou"
RECEIVED = ("--received", "2016-09-01T09:00")
EXPORT = ("export", "topic_1_coverage", "--month", "2016-04", "--by", "unit,sector")
MACHINE = """
import json, os, sys
from data_pipeline.__main__ import main
from data_pipeline.registry import load_registry
from data_pipeline.store.bucket import Bucket
load_registry()
from data_pipeline.store.working_copy import copy_of
# What takes a second, once for all commands.
Bucket("s3://ledgers")._client

def publish(root, identity):
    copy = copy_of(root)
    copy.catch_up()
    copy.publish(identity, copy.pointer)
    return 0

for line in sys.stdin:
    arguments, environment, out = json.loads(line)
    gate, opened = os.pipe()
    pid = os.fork()
    if not pid:
        os.read(gate, 1)
        os.environ.update(environment)
        os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        is_part = arguments[0] == "publish"
        os._exit(publish(*arguments[1:]) if is_part else main(arguments))
    print(pid, flush=True)
    sys.stdin.readline()
    os.write(opened, b".")
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def served() -> Iterator[S3Server]:
    server = S3Server()
    yield server
    server.close()


@pytest.fixture
def server(served: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """A server with one empty bucket, in the environment of this process."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    served.empty()
    yield served
    served.empty()


@pytest.fixture
def machine(
    server: S3Server,  # noqa: ARG001 (an address is of a server)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Path]:
    """`machine("b")`: the root of the lake as another machine has it.

    `machine("c", like="b")` has fetched what that one has.
    """

    def at(name: str, like: str = "") -> Path:
        if like:
            shutil.copytree(tmp_path / like, tmp_path / name)
        monkeypatch.setenv("LEDGER_CACHE", str(tmp_path / name))
        return lake_root(ADDRESS)

    at("a")
    return at


@pytest.fixture(scope="module")
def fetched(
    served: S3Server, tiny_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What a machine fetches of the tiny city, copied from a disk into the bucket."""
    cache = tmp_path_factory.mktemp("fetched")
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {**served.environment, "LEDGER_CACHE": str(cache)}.items():
            patched.setenv(name, value)
        served.empty()
        served.fill("fuzhou", tiny_lake)
        catch_up(lake_root(ADDRESS))
    return cache


@pytest.fixture
def city(server: S3Server, machine, tiny_lake: Path, fetched: Path, tmp_path) -> Path:
    """The tiny city in the bucket; machine a has fetched it."""
    server.fill("fuzhou", tiny_lake)
    shutil.rmtree(tmp_path / "a")
    shutil.copytree(fetched, tmp_path / "a")
    return machine("a")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Draw the first page over the lake: what it says; a traceback fails."""
    monkeypatch.setenv(LAKE_VARIABLE, ADDRESS)
    # Every run looks again.
    monkeypatch.setattr("ui.lake.RECHECK_SECONDS", 0.001)
    monkeypatch.setattr("data_pipeline.store.working_copy.AGAIN_SECONDS", 0.001)

    def draw() -> list[str]:
        app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
        app.query_params["lang"] = "en"
        app.run()
        assert not app.exception
        parts = (app.title, app.error, app.markdown, app.code, app.caption)
        return [element.value for part in parts for element in part]

    return draw


@pytest.fixture(scope="module")
def runner(served: S3Server) -> Iterator[subprocess.Popen]:
    """A process that has imported all and forks for each command."""
    process = subprocess.Popen(
        [sys.executable, "-c", MACHINE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **served.environment},
    )
    yield process
    process.stdin.close()
    process.wait()


@pytest.fixture
def run_killed(server, runner, tmp_path) -> Callable[..., tuple[int, list[str]]]:
    """Run a command in a process of its own, which a fault of the server may kill."""

    def run(*arguments: str, cache: str = "a") -> tuple[int, list[str]]:
        out = tmp_path / "out.txt"
        environment = {**server.environment, "LEDGER_CACHE": str(tmp_path / cache)}
        where = () if arguments[0] == "publish" else ("--lake", ADDRESS)
        asked = [[*arguments, *where], environment, str(out)]
        print(json.dumps(asked), file=runner.stdin, flush=True)
        server.victim = int(runner.stdout.readline())
        print(file=runner.stdin, flush=True)
        code = int(runner.stdout.readline())
        return code, out.read_text("utf-8").splitlines()

    return run


def row(month: str, unit: str, branches: int, held: int) -> tuple:
    """A row of a workbook: the ledger of a unit's rural branches."""
    group = {"鼓楼区": "第一督导组", "福清市": "第二督导组", "罗源县": "第三督导组"}[
        unit
    ]
    counts = (branches, branches, 100, 10, 5, 2, held, 0, 8, 4, 30)
    return (month, group, unit, None, "农村", *counts)


@pytest.fixture
def workbooks(tmp_path: Path) -> list[str]:
    """Three workbooks, the second of two months."""
    rows = (
        [row("2016-04", "鼓楼区", 10, 4)],
        [row("2016-04", "福清市", 20, 9), row("2016-05", "福清市", 20, 11)],
        [row("2016-04", "罗源县", 30, 7)],
    )
    paths = [tmp_path / f"{number}.xlsx" for number in range(3)]
    for path, one in zip(paths, rows, strict=True):
        write_workbook(path, "台账", one, "")
    assert len(LEDGER_HEADINGS) == len(rows[0][0])
    return [str(path) for path in paths]


def ingest(*files: str) -> int:
    return main(["ingest", *files, "--lake", ADDRESS, *RECEIVED])


def names(machine: Callable[[str], Path]) -> list[str]:
    """The files that count, as a machine with nothing finds them; all whole."""
    root = machine(f"new-{random.random()}")
    catch_up(root)
    lake = Lake(root)
    submissions = lake.submissions()
    assert lake.damaged(submissions) == ()
    return [one.file for one in submissions]


def faults(machine: Callable[[str], Path], but: tuple[str, ...] = ()) -> list[str]:
    found = examine_anew(machine("a")).faults
    return [f"{fault.path} {fault.kind}" for fault in found if fault.kind not in but]


def drawn(steps: list, n: int) -> list:
    """Some of the kills of a sweep, or all of them."""
    if os.environ.get("LEDGER_ALL_KILLS"):
        return steps
    return sorted(random.Random(2016).sample(steps, min(n, len(steps))))


def exported(capsys: pytest.CaptureFixture[str], lake: str | Path) -> str:
    capsys.readouterr()
    assert report([*EXPORT, "--lake", str(lake)]) == 0
    return capsys.readouterr().out


# One lake, many machines


def test_a_lake_in_a_bucket_gives_the_figures_of_one_on_a_disk(
    server, city, machine, copy_lake, workbooks, page, capsys
):
    disk = copy_lake(build_tiny_city)
    assert exported(capsys, ADDRESS) == exported(capsys, disk)
    # Without anything new: the pointer, the head, two listings.
    assert len(server.requests) == 4
    old = current_snapshot(city).id
    assert any(old[-8:] in words for words in page())
    machine("b", like="a")
    for lake in (ADDRESS, str(disk)):
        assert main(["ingest", workbooks[2], "--lake", lake, *RECEIVED]) == 0
        assert main(["build", "--lake", lake]) == 0
    figures = exported(capsys, ADDRESS)
    assert "350123,rural,7,30," in figures
    assert figures == exported(capsys, disk)
    # The other machine sees it as well, its open pages too, and has nothing to build.
    new = current_snapshot(machine("b")).id
    assert current_snapshot(machine("a")).id == old
    assert any(new[-8:] in words for words in page())
    assert exported(capsys, ADDRESS) == figures
    server.calm()
    assert main(["build", "--lake", ADDRESS, "--if-stale"]) == 0
    assert not any(what.startswith("PUT") for what in server.requests)
    # What is withdrawn at one place counts at none.
    gone = Lake(city).submissions()[-1].id
    reason = ("--reason", "报错了", "--received", "2016-09-02T09:00")
    assert main(["withdraw", gone, "--lake", ADDRESS, *reason]) == 0
    root = machine("b")
    catch_up(root)
    assert gone not in {one.id for one in in_force(Lake(root).submissions())}


def made_snapshot(root: Path, identity: str, n_submissions: int = 1) -> str:
    """A small sealed snapshot below a root, not yet published; its name."""
    folder = root / "marts" / identity
    (folder / "leaf").mkdir(parents=True)
    for name in ("roll.parquet", "leaf/2016-04.parquet"):
        (folder / name).write_bytes(f"{name} of {identity}".encode())
    now = instant("2016-09-01")
    snapshot = Snapshot(identity, now, None, False, n_submissions, "", (), ())
    (folder / "snapshot.json").write_bytes(seal_snapshot(folder, snapshot)[1])
    return identity


def made_snapshots(root: Path, n: int) -> list[str]:
    return [
        made_snapshot(root, f"20160901T00000000000{number}Z-0123abcd", number)
        for number in range(n)
    ]


def test_the_bucket_keeps_the_last_snapshots_alone(server, machine):
    root = machine("a")
    copy = copy_of(root)
    made = made_snapshots(root, KEPT_SNAPSHOTS + 2)
    for identity in made:
        copy.publish(identity, copy.pointer)
        copy.prune(identity)
    kept = {key.split("/")[2] for key in server.objects() if "/marts/" in key}
    assert kept == set(made[-KEPT_SNAPSHOTS:])
    # Another machine has the current one at first, and all when it asks for them.
    other = machine("b")
    catch_up(other)
    assert finished_snapshots(other) == made[-1:]
    copy_of(other).fetch_snapshots()
    assert finished_snapshots(other) == made[-KEPT_SNAPSHOTS:]


# Killed at a call


def test_an_ingest_killed_at_any_call_loses_halves_and_doubles_nothing(
    server, machine, workbooks, run_killed
):
    first, *others = workbooks
    assert run_killed("ingest", first, *RECEIVED)[0] == 0
    server.keep()
    server.calm()
    assert run_killed("ingest", *others, *RECEIVED)[0] == 0
    n_calls, outcomes = len(server.requests), set()
    assert n_calls > 12, "a call for each look, file, entry and head"
    steps = [(step, act) for step in range(n_calls) for act in (BEFORE, AFTER)]
    for step, act in drawn(steps, 4):
        where = f"{act} call {step}"
        server.restore()
        cache = f"{act}-{step}"
        server.fault = lambda at, _, step=step, act=act: act if at == step else None
        code, lines = run_killed("ingest", *others, *RECEIVED, cache=cache)
        assert (code, lines) == (-9, []), where
        server.calm()
        found = names(machine)
        assert found == ["0.xlsx", "1.xlsx", "2.xlsx"][: len(found)], where
        assert found, where
        outcomes.add(len(found))
        assert faults(machine, but=("orphan",)) == [], where
        # The sender tries again, and what the dead run left is cleared away.
        code, lines = run_killed("ingest", *others, *RECEIVED, cache=cache)
        assert (code, len(lines)) == (0, 2), where
        assert names(machine) == ["0.xlsx", "1.xlsx", "2.xlsx"], where
        assert faults(machine) == [], where
    assert {1, 2, 3} >= outcomes and len(outcomes) > 1


def test_a_publisher_killed_at_any_call_leaves_the_old_snapshot_or_the_new(
    server, machine, run_killed
):
    old, new = made_snapshots(machine("a"), 2)
    assert run_killed("publish", str(machine("a")), old)[0] == 0
    server.keep()
    server.calm()
    assert run_killed("publish", str(machine("a")), new)[0] == 0
    calls, outcomes = list(server.requests), []
    assert calls[-1].endswith("/CURRENT")
    moved = len(calls) - 1
    steps = drawn([(s, a) for s in range(moved) for a in (BEFORE, AFTER)], 4)
    for step, act in [*steps, (moved, BEFORE), (moved, AFTER)]:
        server.restore()
        server.fault = lambda at, _, step=step, act=act: act if at == step else None
        assert run_killed("publish", str(machine("a")), new)[0] == -9
        server.calm()
        root = machine(f"reader-{act}-{step}")
        catch_up(root)
        snapshot = current_snapshot(root)
        assert [*damaged_files(root, snapshot)] == []
        outcomes.append(snapshot.id)
        # Tried again, what is there already is no hindrance.
        assert run_killed("publish", str(machine("a")), new)[0] == 0
        catch_up(root)
        assert current_snapshot(root).id == new
    assert outcomes == [old] * (len(outcomes) - 1) + [new]


def test_a_withdrawal_killed_at_its_entry_is_whole_or_not_there(
    server, machine, workbooks, run_killed
):
    assert ingest(workbooks[0]) == 0
    gone = Lake(machine("a")).submissions()[0].id
    server.keep()
    how = (gone, "--reason", "报错了", "--received", "2016-09-02T09:00")
    for act, n in ((BEFORE, 1), (AFTER, 2)):
        server.restore()
        server.fault = lambda _, what, act=act: act if what.endswith("2.json") else None
        assert run_killed("withdraw", *how)[0] == -9
        server.calm()
        assert len(names(machine)) == n
        assert run_killed("withdraw", *how)[0] == (0 if n == 1 else 1)
        assert len(names(machine)) == 2


# Two at once


def test_two_machines_file_at_once_and_nothing_is_lost_or_doubled(
    tmp_path, machine, workbooks
):
    mine = [tmp_path / f"b{number}.xlsx" for number in range(3)]
    for number, path in enumerate(mine, 5):
        write_workbook(path, "台账", [row(f"2016-0{number}", "罗源县", 30, 7)], "")

    def file(cache: str, files: list) -> subprocess.CompletedProcess:
        environment = {**os.environ, "LEDGER_CACHE": str(tmp_path / cache)}
        command = ["ingest", *map(str, files), "--lake", ADDRESS, *RECEIVED]
        return subprocess.run(
            [sys.executable, "-m", "data_pipeline", *command],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
        )

    with ThreadPoolExecutor() as pool:
        done = list(pool.map(file, "ab", (workbooks, mine)))
    assert [one.returncode for one in done] == [0, 0], done
    expected = [Path(path).name for path in (*workbooks, *mine)]
    assert sorted(names(machine)) == sorted(expected)
    assert faults(machine) == []


def test_who_comes_second_is_judged_by_what_came_first(machine, tmp_path):
    registry = load_registry()
    first, second = Lake(machine("a")), Lake(machine("b"))
    path = tmp_path / "b.xlsx"
    write_workbook(path, "台账", [row("2016-04", "福清市", 20, 9)], "")
    roll = [roll_row("350181-R0001", "350181", "rural", n_members=9, n_leaders=1)]
    by_branch = ledger_row("2016-04", "350181", "rural", "350181-R0001", n_branches=1)
    with second.writing():
        with first.writing():
            submit(first, "2016-05-01", [by_branch], roll=roll)
        report_ = ingest_files([path], second, registry, received=instant("2016-09-01"))
    assert report_.accepted == ()
    assert {finding.code for finding in report_.findings} == {"E_GRAIN"}
    assert names(machine) == [first.submissions()[0].file]
    assert faults(machine) == []


def test_who_may_not_repeat_is_told_that_others_came_first(machine, workbooks):
    registry = load_registry()
    first, second = Lake(machine("a")), Lake(machine("b"))
    rows = [ledger_row("2016-04", "350102", "organ", n_branches=3)]
    with second.writing():
        with first.writing():
            submit(first, "2016-05-01", rows)
        with pytest.raises(OvertakenError, match="came into s3://ledgers/fuzhou"):
            second.add(
                {"ledger": to_table(rows, "ledger", registry)},
                registry,
                file="b.xlsx",
                sha256="b" * 64,
                received=instant("2016-05-02"),
            )
        # Known by now: the next try goes on behind it.
        assert len(second.submissions()) == 1
    with second.writing(), first.writing():
        submit(first, "2016-05-03", rows)
        found = ingest_files(
            [Path(workbooks[0])],
            second,
            registry,
            received=instant("2016-09-01"),
            may_repeat=False,
        )
    assert (found.accepted, [str(p) for p in found.left]) == ((), [workbooks[0]])
    assert "别处" in disk_sentence(found.fault)
    assert "elsewhere" in disk_sentence(found.fault, "en")
    assert faults(machine) == []


def test_a_build_that_comes_second_leaves_the_first_current(server, city, machine):
    slow, other = Lake(city), machine("b", like="a")
    first = made_snapshot(other, "20160901T000000000000Z-0123abcd", 99)

    def be_overtaken(*_: object) -> dict[str, str]:
        copy_of(other).publish(first, copy_of(other).pointer)
        return {}

    before = set(server.objects())
    lost = pytest.raises(LakeBusyError, match="another snapshot .* was published")
    with slow.writing(), lost:
        build(slow.root, load_registry(), before_current=be_overtaken)
    objects = server.objects()
    assert objects["fuzhou/CURRENT"].decode() == first
    # Nothing of the second is left, in the bucket or here.
    new = {key for key in objects if key not in before}
    assert {key.split("/")[2] for key in new if "/marts/" in key} == {first}
    catch_up(city)
    assert current_snapshot(city).id == first


def test_of_two_publishers_one_is_current_whatever_their_order(server, machine):
    roots = [machine(name) for name in "ab"]
    mine, other = (
        made_snapshot(root, f"20160901T00000000000{n}Z-0123abcd", n)
        for n, root in enumerate(roots)
    )
    for order in ((0, 1), (1, 0)):
        server.empty()
        for root in roots:
            catch_up(root)
        known = [copy_of(root).pointer for root in roots]
        names = (mine, other)
        first, second = order
        copy_of(roots[first]).publish(names[first], known[first])
        with pytest.raises(FileExistsError):
            copy_of(roots[second]).publish(names[second], known[second])
        assert server.objects()["fuzhou/CURRENT"].decode() == names[first]


# A server that fails


@contextlib.contextmanager
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(bucket_module, "SECONDS", 0.5)
        yield


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda _, __: ERROR, "does not answer or failed (500"),
        (lambda _, __: REFUSED, "does not allow it (403"),
        (lambda _, __: 2.0, "does not answer or failed (ReadTimeout"),
        (lambda _, what: ERROR if "parquet" in what else None, "does not answer"),
    ],
)
def test_a_failing_server_is_one_sentence_and_leaves_nothing(
    server, machine, workbooks, monkeypatch, capfd, fault, said
):
    server.fault = fault
    with impatient(monkeypatch):
        assert ingest(workbooks[0]) == 1
        error = capfd.readouterr().err
    assert said in error
    assert error.startswith("s3://ledgers/fuzhou/lake/")
    assert "Traceback" not in error
    server.calm()
    assert names(machine) == []
    machine("a")
    assert ingest(workbooks[0]) == 0
    assert names(machine) == ["0.xlsx"]
    assert faults(machine) == []


def test_a_server_that_is_not_there_is_one_sentence(
    machine, workbooks, monkeypatch, capfd
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    machine("nowhere")
    commands = [["ingest", workbooks[0]], ["build"], ["check"], ["restore-check"]]
    for command in commands:
        assert main([*command, "--lake", ADDRESS]) == 1
        error = capfd.readouterr().err
        assert "EndpointConnectionError" in error, command
        assert error.count("\n") == 1, command
    assert report([*EXPORT, "--lake", ADDRESS]) == 1
    assert "EndpointConnectionError" in capfd.readouterr().err


def test_other_faults_have_their_own_sentence(
    server, machine, workbooks, monkeypatch, capfd
):
    other = "s3://no-such-bucket"
    assert main(["ingest", workbooks[0], "--lake", other, *RECEIVED]) == 1
    assert "there is no bucket named no-such-bucket" in capfd.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["build", "--lake", "s3://Ledgers_2016"])
    assert ended.value.code == 2
    assert "an address is s3://BUCKET" in capfd.readouterr().err
    # Writers of a store that knows no conditions would overwrite each other.
    server.is_unconditional = True
    assert ingest(workbooks[0]) == 1
    assert "ignores If-None-Match" in capfd.readouterr().err
    server.is_unconditional = False
    monkeypatch.setitem(sys.modules, "boto3", None)
    bucket_module._session.cache_clear()
    machine("bare")
    assert ingest(workbooks[0]) == 1
    assert "pip install -r requirements-s3.txt" in capfd.readouterr().err


def test_an_answer_that_is_lost_is_settled_by_reading_back(server, machine, workbooks):
    entry = "/manifest/000001.json"
    lose = lambda _, what: LOST if what == f"PUT /{BUCKET}/fuzhou/lake{entry}" else None  # noqa: E731
    server.fault = lose
    assert ingest(workbooks[0]) == 0
    assert names(machine) == ["0.xlsx"]


@pytest.mark.parametrize(("act", "n"), [(LOST, 1), (ERROR, 0)])
def test_where_nobody_knows_the_same_command_settles_it(
    server, machine, workbooks, capfd, act, n
):
    def fail(_: int, what: str) -> str | None:
        if not what.endswith("/manifest/000001.json"):
            return None
        return act if what.startswith("PUT") else ERROR

    server.fault = fail
    assert ingest(workbooks[0]) == 1
    error = capfd.readouterr().err
    assert "whether this was filed is not known" in error
    assert "--received 2016-09-01T01:00:00+00:00" in error
    server.calm()
    assert len(names(machine)) == n
    machine("a")
    assert ingest(workbooks[0]) == 0
    assert names(machine) == ["0.xlsx"]
    assert faults(machine) == []


def test_the_dashboard_goes_on_while_the_bucket_cannot_be_read(
    server, city, machine, page
):
    assert not any("object store" in words for words in page())
    server.fault = lambda _, __: REFUSED
    said = page()
    assert any("fetched before" in words and "403" in words for words in said)
    assert any(current_snapshot(city).id[-8:] in words for words in said)
    server.calm()
    assert not any("object store" in words for words in page())
    # Nothing yet: what to run names the lake as people do.
    server.empty()
    machine("new")
    said = page()
    assert "Nothing to show yet" in said
    assert any(f"build --lake {ADDRESS}" in words for words in said)


def test_what_was_looked_at_is_filed_only_as_the_lake_was_then(machine, workbooks):
    registry = load_registry()
    uploads = [Upload(Path(p).name, Path(p).read_bytes()) for p in workbooks[:2]]
    here = machine("a")
    state = lake_state(here)
    there = Lake(machine("b"))
    with there.writing():
        submit(there, "2016-05-01", [ledger_row("2016-04", "350102", "organ")])
    with pytest.raises(ChangedError):
        file_uploads(here, uploads, registry, state=state)
    filed = file_uploads(here, uploads, registry, state=lake_state(here))
    assert [one.file for one in filed.accepted] == ["0.xlsx", "1.xlsx"]
    assert len(names(machine)) == 3


# Damage


def test_what_is_damaged_in_the_bucket_is_named_and_not_believed(
    server, city, machine, capsys
):
    snapshot = current_snapshot(city)
    stored = Lake(city).submissions()[1].files[0].path
    mart = next(f"marts/{snapshot.id}/{n}" for n, _ in snapshot.sums if "leaf" in n)
    whole = exported(capsys, ADDRESS)
    for number, path in enumerate((stored, mart)):
        content = server.objects()[f"fuzhou/{path}"]
        server.put(f"fuzhou/{path}", b"damaged")
        if path == stored:
            assert main(["restore-check", "--lake", ADDRESS]) == 1
            assert path in capsys.readouterr().err
        # Of a machine that fetches it now.
        root = machine(f"b{number}", like="a")
        (root / path).unlink()
        assert report([*EXPORT, "--lake", ADDRESS]) == (path == mart)
        assert path in "".join(capsys.readouterr())
        assert main(["check", "--lake", ADDRESS]) == 1
        assert path in "".join(capsys.readouterr())
        server.put(f"fuzhou/{path}", content)
        root = machine(f"c{number}", like="a")
        (root / path).write_bytes(b"damaged here alone")
        assert exported(capsys, ADDRESS) == whole
        machine("a")


@pytest.mark.parametrize("harm", ["altered", "gone"])
def test_an_entry_that_is_harmed_in_the_bucket_is_named(
    server, machine, workbooks, capsys, harm
):
    assert ingest(*workbooks) == 0
    key = "fuzhou/lake/manifest/000002.json"
    if harm == "gone":
        server.remove(key)
    else:
        server.put(key, server.objects()[key].replace(b"1.xlsx", b"9.xlsx"))
    for name in ("a", "b"):
        machine(name)
        for command in ("build", "restore-check"):
            assert main([command, "--lake", ADDRESS]) == 1
            assert "000002.json" in capsys.readouterr().err


# Roles and acts


def test_acts_and_roles_of_two_machines_are_one_record(machine):
    groups = tuple(load_registry().groups)
    here, there = machine("a"), machine("b")
    for number, root in enumerate((here, there, here, there)):
        record(root, "command", "exported_unsuppressed", metrics=[str(number)])
    catch_up(here)
    found = read_record(here)
    assert found.faults == ()
    assert [act.details["metrics"] for act in found.acts] == [[c] for c in "0123"]
    before = read_roles(here, groups)
    office = RoleTable((Person("anna", "office"),))
    save_roles(here, before, office, groups, "local")
    both = RoleTable((Person("anna", "office"), Person("bo", "analyst")))
    with pytest.raises(RolesError):
        save_roles(there, before, both, groups, "local")
    assert read_roles(there, groups) == office
    save_roles(there, office, both, groups, "anna")
    catch_up(here)
    assert read_roles(here, groups) == both

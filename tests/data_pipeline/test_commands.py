"""The commands, as scripts and people call them: words, files and exit codes."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from data_pipeline.__main__ import main
from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import FOLDER_VARIABLE, PACKAGE_FOLDER, load_registry
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import current_snapshot
from tests.shared_lakes import files_of
from tests.submitted_rows import ledger_row, submit
from tests.tiny_city import FUQING, ORGANS, build_tiny_city, write_workbook

RECEIVED = "2016-05-12T09:00:00+08:00"


@pytest.fixture
def april(tmp_path: Path) -> Path:
    """A workbook that holds no fault."""
    path = tmp_path / "04-福清.xlsx"
    write_workbook(path, "台账", FUQING["2016-04"], "")
    return path


@pytest.fixture
def may(tmp_path: Path) -> Path:
    path = tmp_path / "05-福清.xlsx"
    write_workbook(path, "台账", FUQING["2016-05"], "")
    return path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """More grass-roots lectures than lectures, and a unit that is not known."""
    row = list(FUQING["2016-04"][0])
    row[2], row[10] = "外星县", 99
    path = tmp_path / "坏.xlsx"
    write_workbook(path, "台账", [tuple(row)], "")
    return path


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "parquet"


def ingest(lake: Path, *arguments: Path | str) -> int:
    return main(
        ["ingest", *map(str, arguments), "--lake", str(lake), "--received", RECEIVED]
    )


def test_an_accepted_file_is_one_line_with_its_submission_and_rows(lake, april, capsys):
    assert ingest(lake, april) == 0
    out = capsys.readouterr().out.splitlines()
    (submission,) = Lake(lake).submissions()
    assert out == [f"{submission.id} 04-福清.xlsx: 2 ledger"]


def test_the_same_file_at_the_same_time_is_the_same_submission(lake, april, capsys):
    ingest(lake, april)
    assert ingest(lake, april) == 0
    assert "already there" in capsys.readouterr().out
    assert len(Lake(lake).submissions()) == 1


def test_a_refused_file_leaves_nothing_and_tells_every_finding(lake, faulty, capsys):
    assert ingest(lake, faulty) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "E_CODE 坏.xlsx 台账!C4 单位=外星县" in captured.err
    assert "E_RULE 坏.xlsx 台账!K4 领导干部下基层讲党课次数=99" in captured.err
    assert not list(lake.rglob("*.parquet"))


def test_a_build_says_of_each_month_with_a_ledger_whether_it_was_made(
    lake, april, may, capsys
):
    ingest(lake, april, may)
    builds = []
    for _ in range(2):
        capsys.readouterr()
        assert main(["build", "--lake", str(lake)]) == 0
        out, err = capsys.readouterr()
        # A script reads the name of the snapshot, and nothing beside it.
        assert out == f"{current_snapshot(lake).id}\n"
        builds.append(dict(line.split(": ") for line in err.splitlines()))
    assert [list(months) for months in builds] == [["2016-04", "2016-05"]] * 2
    assert builds[0]["2016-04"] == "8 of 8 parts made"
    assert set(builds[1].values()) == {"taken over, nothing of it has changed"}


def test_each_of_several_files_stands_or_falls_alone(lake, april, faulty, capsys):
    assert ingest(lake, faulty, april) == 1
    assert "04-福清.xlsx: 2 ledger" in capsys.readouterr().out
    assert len(Lake(lake).submissions()) == 1


def test_a_folder_is_taken_whole_without_what_office_programs_leave(
    lake, april, tmp_path, capsys
):
    folder = tmp_path / "五月" / "第四组"
    folder.mkdir(parents=True)
    write_workbook(folder / "04-市直.xlsx", "台账", ORGANS["2016-04"], "口径: 当月")
    (folder / "~$04-市直.xlsx").write_bytes(b"lock")
    shutil.move(april, folder.parent / april.name)
    assert ingest(lake, folder.parent) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_file_bound_to_another_group_is_refused(lake, april, capsys):
    assert ingest(lake, april, "--as", "第一督导组") == 1
    assert "E_SCOPE" in capsys.readouterr().err
    assert ingest(lake, april, "--as", "G2") == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ingest", "nowhere.xlsx"], "nowhere.xlsx: no such file"),
        (["ingest", ".", "--as", "第九督导组"], "no such group"),
        (["build", "--as-of", "yesterday"], "is not an ISO time"),
        (["sing"], "invalid choice"),
    ],
)
def test_wrong_use_is_exit_code_2_with_a_sentence(
    arguments, sentence, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "parquet").exists()


def test_a_build_of_an_empty_lake_says_what_to_do(lake, capsys):
    assert main(["build", "--lake", str(lake)]) == 1
    assert "ingest a workbook first" in capsys.readouterr().err


def test_times_without_a_zone_are_the_campaigns(lake, april):
    main(["ingest", str(april), "--lake", str(lake), "--received", "2016-05-12T09:00"])
    (submission,) = Lake(lake).submissions()
    assert submission.received.isoformat() == "2016-05-12T01:00:00+00:00"


def test_by_a_clock_that_was_set_back_nothing_is_taken_in(lake, april, may, capsys):
    assert ingest(lake, april) == 0
    with Lake(lake).writing():
        later = submit(
            Lake(lake), "2099-01-01", [ledger_row("2016-04", "350102", "rural")]
        )
    files = files_of(lake)
    for command in (
        ["ingest", str(may)],
        ["withdraw", later.id, "--reason", "报错了"],
        ["build"],
    ):
        capsys.readouterr()
        assert main([*command, "--lake", str(lake)]) == 1
        assert "but the lake holds a submission received at" in capsys.readouterr().err
    assert files_of(lake) == files
    # Who says when it came in knows what he does.
    assert ingest(lake, may) == 0


def test_a_held_lake_is_exit_code_75(lake, april, capsys):
    with Lake(lake).writing():
        assert ingest(lake, april) == 75
        assert main(["build", "--lake", str(lake)]) == 75
    assert "held by another run" in capsys.readouterr().err


def test_check_tells_rule_place_figures_and_source_and_exits_1(copy_lake, capsys):
    lake = copy_lake(build_tiny_city)
    assert main(["build", "--as-of", "2016-07-15", "--lake", str(lake)]) == 0
    assert "As received by 2016-07-15 00:00+08:00" in capsys.readouterr().out
    assert main(["check", "--lake", str(lake)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split("\t") == [
        "topic_1_within_branches",
        "fault",
        "2016-06",
        "市直机关 机关 2016-06：某个数比它所属的总数还大，比率超过 100 %："
        "第一专题已召开支部数=6，党支部数=5。"
        "可能是两个数口径或时点不同，请核对两列。",
        "06-市直.xlsx 台账 第 4 行",
    ]


def test_check_of_a_clean_lake_exits_0(lake, april):
    ingest(lake, april)
    main(["build", "--lake", str(lake)])
    assert main(["check", "--lake", str(lake)]) == 0


def test_a_count_that_falls_is_found_with_both_figures(lake, april, tmp_path, capsys):
    ingest(lake, april)
    fallen = list(FUQING["2016-05"][0])
    fallen[9], fallen[10] = 5, 5
    path = tmp_path / "05.xlsx"
    write_workbook(path, "台账", [tuple(fallen)], "")
    main(["ingest", str(path), "--lake", str(lake), "--received", "2016-06-10"])
    main(["build", "--lake", str(lake)])
    assert main(["check", "--lake", str(lake)]) == 1
    out = capsys.readouterr().out
    assert "领导干部讲党课次数=5，2016-04 的同一数=8" in out
    assert "领导干部下基层讲党课次数=5，2016-04 的同一数=6" in out


def test_the_template_is_written_and_named(tmp_path, capsys):
    path = tmp_path / "模板.xlsx"
    assert main(["template", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert path.read_bytes()[:2] == b"PK"


def test_the_demo_does_not_mix_with_real_submissions(lake, april, capsys):
    ingest(lake, april)
    assert main(["demo", "--lake", str(lake)]) == 1
    assert "choose another folder" in capsys.readouterr().err
    assert main(["demo", "--lake", str(lake), "--if-empty"]) == 0
    assert len(Lake(lake).submissions()) == 1


def test_who_files_into_the_made_up_city_is_told(lake, april, may, capsys):
    received = datetime.fromisoformat(RECEIVED)
    ingest_files([april], Lake(lake), load_registry(), received=received, is_demo=True)
    assert ingest(lake, may) == 0
    captured = capsys.readouterr()
    assert "05-福清.xlsx" in captured.out
    assert f"{lake} holds the made-up city" in captured.err
    ingest(lake.parent / "own", april)
    assert "made-up" not in capsys.readouterr().err


def test_nothing_is_drawn_into_a_pipe(lake, april, capsys):
    ingest(lake, april)
    main(["build", "--lake", str(lake)])
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert read_rates(open_marts(lake), "topic_1_coverage").numerator[0] == 8


def test_a_snapshot_of_another_registry_is_refused_until_it_is_built_again(
    lake, april, tmp_path, monkeypatch, capsys
):
    ingest(lake, april)
    main(["build", "--lake", str(lake)])
    first = current_snapshot(lake)
    build = ["build", "--if-stale", "--lake", str(lake)]
    assert main(build) == 0
    assert current_snapshot(lake) == first

    changed = tmp_path / "registry"
    shutil.copytree(PACKAGE_FOLDER, changed)
    places = changed / "places.toml"
    places.write_text(places.read_text("utf-8") + "# changed\n", "utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(changed))
    assert main(["check", "--lake", str(lake)]) == 1
    assert "run `python -m data_pipeline build`" in capsys.readouterr().err
    assert main(build) == 0
    assert current_snapshot(lake) != first
    assert main(["check", "--lake", str(lake)]) == 0

"""What is withdrawn no longer counts, and is as little lost as anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.__main__ import main
from data_pipeline.check_findings import read_findings
from data_pipeline.check_plan import draw_plan
from data_pipeline.flags import build_with_flags
from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.store.draw_register import list_ids, register_draw
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.known_rows import KnownRows
from data_pipeline.store.lake import Lake
from data_pipeline.store.manifest import in_force
from data_pipeline.store.restore_check import examine
from data_pipeline.store.withdrawal import REASON_CHARS, WithdrawalError, withdraw
from data_pipeline.warehouse import build
from tests.checked_city import build_checked_city
from tests.submitted_rows import instant, ledger_row, roll_row, submit
from tests.tiny_city import ORGANS, build_tiny_city, write_workbook

# 1 of 4 branches of 机关 had held it, 2 of 6 of 农村; the correction says all 4.
APRIL = [
    ledger_row("2016-04", "350102", "organ", n_branches=4, n_branches_topic_1=1),
    ledger_row("2016-04", "350102", "rural", n_branches=6, n_branches_topic_1=2),
]
CORRECTION = [
    ledger_row("2016-04", "350102", "organ", n_branches=4, n_branches_topic_1=4)
]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake_root")


def take_back(lake: Lake, submission: str, received: str, **given):
    arguments = {"reason": "报错了", "received": instant(received), **given}
    return withdraw(lake, load_registry(), submission, **arguments)


def topic_1(lake: Lake, as_of: str | None = None) -> tuple[int, int]:
    """Branches that held the first topic and branches, of a new build."""
    when = as_of and instant(as_of)
    build_with_flags(lake.root, load_registry(), as_of=when)
    found = read_rates(open_marts(lake.root), "topic_1_coverage")
    return int(found.numerator[0]), int(found.denominator[0])


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in (root / "lake").rglob("*")
        if path.is_file() and path.name != "head.json"
    }


def test_what_was_superseded_counts_again_and_the_past_stays_as_it_was(lake):
    with lake.writing():
        submit(lake, "2016-05-10", APRIL)
        wrong = submit(lake, "2016-05-20", CORRECTION)
        assert topic_1(lake) == (6, 10)
        before = contents(lake.root)
        done = take_back(lake, wrong.id, "2016-06-01T09:00")
        assert topic_1(lake) == (3, 10)
        assert topic_1(lake, as_of="2016-05-31") == (6, 10)
        assert topic_1(lake, as_of="2016-06-02") == (3, 10)
    assert (done.withdraws, done.reason, done.files) == (wrong.id, "报错了", ())
    assert before.items() <= contents(lake.root).items(), "nothing is changed or lost"
    assert len(contents(lake.root)) == len(before) + 1, "one entry is all that came"
    assert lake.submissions()[-1] == done
    assert lake.submissions()[-1].previous == lake.submissions()[-2].seal
    assert examine(lake.root).faults == ()
    assert (examine(lake.root).n_submissions, examine(lake.root).n_withdrawn) == (2, 1)


def test_a_later_row_of_the_same_key_is_not_touched(lake):
    with lake.writing():
        first = submit(lake, "2016-05-10", APRIL)
        submit(lake, "2016-05-20", CORRECTION)
        take_back(lake, first.id, "2016-06-01")
        # The correction speaks of 机关 alone: 4 of 4.
        assert topic_1(lake) == (4, 4)


def test_a_lake_of_which_all_is_withdrawn_builds_and_says_nothing(lake):
    with lake.writing():
        only = submit(lake, "2016-05-10", APRIL)
        take_back(lake, only.id, "2016-06-01")
        assert topic_1(lake) == (0, 0)
    assert read_findings(open_marts(lake.root)).empty


def test_a_withdrawn_file_may_be_filed_again_and_counts_again(tmp_path):
    lake, path = Lake(tmp_path / "lake_root"), tmp_path / "04.xlsx"
    write_workbook(path, "台账", ORGANS["2016-04"], "口径: 当月")
    with lake.writing():
        for turn, received in enumerate(["2016-05-10", "2016-05-10", "2016-05-12"]):
            how = {"received": instant(received)}
            report = ingest_files([path], lake, load_registry(), **how)
            (taken,) = report.accepted
            assert taken.is_new, f"turn {turn}"
            again = ingest_files([path], lake, load_registry(), **how).accepted[0]
            assert (again.submission, again.is_new) == (taken.submission, False)
            assert topic_1(lake) == (2, 5), f"turn {turn}"
            take_back(lake, taken.submission, "2016-06-01")
            assert topic_1(lake) == (0, 0), f"turn {turn}"
    assert len({one.id for one in lake.submissions()}) == 6


def test_new_files_are_judged_by_what_is_in_force(lake):
    with lake.writing():
        submit(lake, "2016-04-20", roll=[roll_row("b1", "350102", "organ")])
        moved = submit(lake, "2016-04-21", roll=[roll_row("b1", "350102", "rural")])
        total = submit(lake, "2016-05-10", APRIL)
        take_back(lake, moved.id, "2016-05-11")
        take_back(lake, total.id, "2016-05-11")
    known = KnownRows(lake, load_registry())
    assert known.roll == {"b1": ("350102", "organ")}
    assert known.grains == {}


def test_each_refusal_says_why_and_stores_nothing(lake):
    with lake.writing():
        first = submit(lake, "2016-05-10", APRIL)
        second = submit(lake, "2016-05-20", CORRECTION)
        done = take_back(lake, second.id, "2016-06-01")
        before = contents(lake.root)
        for key, submission, given in (
            ("unknown", "20160101T000000000000Z-000000000000", {}),
            ("twice", second.id, {}),
            ("is_withdrawal", done.id, {}),
            ("other_group", first.id, {"group": "G2"}),
            ("before_receipt", first.id, {"received": instant("2016-05-09")}),
            ("no_reason", first.id, {"reason": " \n\t"}),
            ("long_reason", first.id, {"reason": "错" * (REASON_CHARS + 1)}),
            ("personal", first.id, {"reason": "请联系 138 0013 8000"}),
            ("personal", first.id, {"reason": "填报人姓名:某"}),
        ):
            with pytest.raises(WithdrawalError) as refused:
                take_back(lake, submission, **{"received": "2016-06-02"} | _as(given))
            assert refused.value.key == key
            for language in ("zh", "en"):
                assert refused.value.sentence(language)
        assert contents(lake.root) == before


def _as(given: dict) -> dict:
    if "received" in given:
        given = given | {"received": given["received"].isoformat()}
    return given


def test_of_two_withdrawals_at_once_one_is_refused(lake):
    with lake.writing():
        wrong = submit(lake, "2016-05-20", CORRECTION)
    main_arguments = ["withdraw", wrong.id, "--lake", str(lake.root), "--reason", "错"]
    assert [main(main_arguments), main(main_arguments)] == [0, 1]
    assert len(lake.submissions()) == 2


def test_a_draw_that_checks_rest_on_stays(copy_lake):
    registry, lake = load_registry(), Lake(copy_lake(build_checked_city))
    marts = open_marts(lake.root)
    draws = {
        name: draw_plan(marts, 0.1, 7, instant(received), month)
        for name, month, received in (
            ("used", "2016-07", "2016-07-01T09:00"),
            ("unused", "2016-09", "2016-09-01T09:00"),
        )
    }
    with lake.writing():
        ids = {}
        for name, draw in draws.items():
            register_draw(draw, lake, registry)
            ids[name] = lake.submissions()[-1].id
        n_checks = 32  # all random ones of the city, made in July
        with pytest.raises(WithdrawalError) as refused:
            take_back(lake, ids["used"], "2016-10-01")
        assert refused.value.key == "checked"
        assert refused.value.values["n"] == n_checks
        take_back(lake, ids["unused"], "2016-10-01")
        assert len(list_ids(lake)) == 1
        # Drawn again by the same seed it is a new registration, not the old one.
        assert register_draw(draws["unused"], lake, registry)[1]
        assert len(list_ids(lake)) == 2
        checks = next(
            one for one in in_force(lake.submissions()) if "spot_check" in one.rows
        )
        take_back(lake, checks.id, "2016-10-02")
        take_back(lake, ids["used"], "2016-10-02")
        assert len(list_ids(lake)) == 1


def test_the_command_says_what_was_withdrawn_and_a_build_follows(copy_lake, capsys):
    root = copy_lake(build_tiny_city)
    correction = next(s for s in Lake(root).submissions() if "更正" in s.file)
    lake_option = ["--lake", str(root)]
    command = ["withdraw", correction.id, *lake_option, "--reason", "更正有误"]
    assert main([*command, "--as", "G1"]) == 1
    assert "不是本组报送的" in capsys.readouterr().err
    assert main([*command, "--received", "2999-01-01"]) == 1
    assert "lies in the future" in capsys.readouterr().err
    before = open_marts(root).snapshot.id
    assert main(["build", "--if-stale", *lake_option]) == 0
    assert open_marts(root).snapshot.id == before
    assert main(command) == 0
    said = capsys.readouterr().out
    assert correction.id in said and "04-市直-更正.xlsx is withdrawn" in said
    assert main(["build", "--if-stale", *lake_option]) == 0
    marts = open_marts(root)
    assert marts.snapshot.id != before
    organ = {"where": {"sector": ["organ"]}, "months": ["2016-04"]}
    # The correction had taken 2 of 5 down to 1.
    assert read_rates(marts, "topic_1_coverage", **organ).numerator[0] == 2
    assert main(["restore-check", *lake_option]) == 0
    assert "(1 of them withdrawn)" in capsys.readouterr().out


def test_a_damaged_file_of_a_withdrawn_submission_takes_no_row_away(lake):
    with lake.writing():
        submit(lake, "2016-05-10", APRIL)
        wrong = submit(lake, "2016-05-20", CORRECTION)
        take_back(lake, wrong.id, "2016-06-01")
        (lake.root / wrong.files[0].path).write_bytes(b"")
        assert build(lake.root, load_registry()).set_aside == ()
        assert topic_1(lake) == (3, 10)
    assert [fault.kind for fault in examine(lake.root).faults] == ["stored"]

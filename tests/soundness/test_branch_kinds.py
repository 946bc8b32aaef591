"""What a branch is on the roll divides figures; totals are left out of it alone."""

from __future__ import annotations

import csv
import io

import pytest

from reports.__main__ import main


def export(lake, capsysbinary, *arguments: str) -> list[dict[str, str]]:
    command = ["export", *arguments, "--lake", str(lake), "--month", "2016-07"]
    assert main(command) == 0
    text = capsysbinary.readouterr().out.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_branches_are_divided_by_type_and_totals_are_left_out(tiny_lake, capsysbinary):
    rows = export(tiny_lake, capsysbinary, "topic_2_coverage", "--by", "branch_type")
    found = [(r["branch_type"], r["numerator"], r["denominator"]) for r in rows]
    assert found == [("joint", "0", "1"), ("mobile", "1", "1"), ("ordinary", "2", "4")]
    (city,) = export(tiny_lake, capsysbinary, "topic_2_coverage")
    # 市直机关 files totals: five branches that no row of a type holds.
    assert (city["numerator"], city["denominator"]) == ("5", "11")


@pytest.mark.parametrize("value", ["流动", "mobile"])
def test_a_type_can_be_selected_by_its_word_or_its_code(tiny_lake, capsysbinary, value):
    kept = ("--where", f"branch_type={value}", "--by", "unit,is_weak_base")
    rows = export(tiny_lake, capsysbinary, "topic_2_coverage", *kept)
    assert [(r["unit"], r["is_weak_base"], r["numerator"]) for r in rows] == [
        ("350104", "yes", "1")
    ]


def test_a_word_that_is_no_type_is_wrong_use(tiny_lake, capsys):
    command = ["export", "topic_2_coverage", "--lake", str(tiny_lake)]
    assert main([*command, "--where", "branch_type=流动的"]) == 2
    assert "did you mean '流动'" in capsys.readouterr().err
    assert main(["export", "on_time", "--by", "branch_type", *command[2:]]) == 2
    assert "on_time has no dimension 'branch_type'" in capsys.readouterr().err


def test_what_is_remembered_and_the_thirds_are_divided_alike(tiny_lake, capsysbinary):
    by = ("--by", "is_weak_base")
    rows = export(tiny_lake, capsysbinary, "topic_1_on_time", *by)
    assert [(r["is_weak_base"], r["numerator"], r["denominator"]) for r in rows] == [
        ("no", "5", "5"),
        ("yes", "1", "1"),
    ]
    rows = export(tiny_lake, capsysbinary, "topic_1_third", *by)
    # The tiny city counts no speakers by topic: every row of a branch is blank.
    assert [(r["denominator"], r["n_blank"]) for r in rows] == [("0", "5"), ("0", "1")]


def test_random_checks_estimate_each_part_of_the_roll(weak_lake, capsysbinary):
    command = ("topic_1_coverage", "--basis", "verified")
    rows = export(weak_lake, capsysbinary, *command, "--by", "is_weak_base")
    (city,) = export(weak_lake, capsysbinary, *command)
    for name in ("numerator", "denominator", "n_blank"):
        assert sum(int(row[name]) for row in rows) == int(city[name])

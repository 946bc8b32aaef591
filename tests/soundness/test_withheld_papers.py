"""Nor can a count of persons under 5 be worked out of papers and files together.

An attacker reads the text of the circular and of briefs as PDF, takes the public file
of all figures and what pages show, and works out what was left blank.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_pipeline.check_findings import read_findings
from data_pipeline.flags import read_flags
from data_pipeline.rates import Marts, open_marts, read_rates
from reports.__main__ import main
from reports.brief.rows import brief
from reports.bulletin.facts import Facts
from reports.bulletin.rows import circular
from reports.files.paper import Paper
from reports.files.pdf_file import pdf_bytes
from tests.paper_figures import Said, read_figures
from tests.persons_attacker import narrow_blanks
from tests.soundness.test_withheld_counts import (
    LEADERS,
    MEMBERS,
    MONTHS,
    build_crowded_city,
)

PERSONS = (*LEADERS, *MEMBERS)
BRIEFS = ({}, {"supervision_group": "G1"}, {"unit": "350104"}, {"unit": "350181"})


def facts_of(marts: Marts, month: str) -> Facts:
    return Facts(marts, month, read_flags(marts).found, read_findings(marts))


def read_papers(marts: Marts, month: str) -> set[Said]:
    """What the circular of a month and some briefs say of persons."""
    facts = facts_of(marts, month)
    papers: list[tuple[Paper, dict[str, str]]] = [(circular(facts), {})]
    papers += [(brief(facts, place), place) for place in BRIEFS]
    found = set()
    for paper, place in papers:
        found |= read_figures(pdf_bytes(paper), marts.registry, place)
    return {one for one in found if one.metric in PERSONS}


def read_export(lake: Path, out: Path) -> Iterator[tuple[str, Said]]:
    """By month what the public file of all figures says of persons."""
    wanted = ["export", "--all", "--audience", "public", "--lake", str(lake)]
    assert main([*wanted, "--out", str(out)]) == 0
    with open(out, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["metric"] not in PERSONS or row["basis"] != "reported":
                continue
            places = ("unit", "supervision_group", "sector")
            place = tuple((name, row[name]) for name in places if row[name])
            counts = [
                float(row[side]) if row[side] else None
                for side in ("numerator", "denominator")
            ]
            if None in counts:
                assert row["withheld"]
                assert row["rate"] == row["class"] == ""
            yield row["month"], Said(row["metric"], place, *counts)


def true_counts(marts: Marts, said: Said, month: str) -> tuple[float, float]:
    where = {name: (code,) for name, code in said.place}
    (row,) = read_rates(marts, said.metric, where=where, months=(month,)).to_dict(
        "records"
    )
    return row["numerator"], row["denominator"]


@pytest.fixture(scope="module")
def city(shared_lakes) -> Marts:
    return open_marts(shared_lakes.of(build_crowded_city, 2))


@pytest.fixture(scope="module")
def papers(city) -> dict[str, set[Said]]:
    public = city.for_audience("public")
    return {month: read_papers(public, month) for month in MONTHS}


def test_what_is_read_in_papers_is_what_was_reported(city, papers):
    """The attacker reads rightly, and papers say nothing else than was counted."""
    for month, found in papers.items():
        assert len(found) > 20, "there is nothing to attack with"
        for one in found:
            assert one.fits(*true_counts(city, one, month)), (month, one)
    assert {one.metric for found in papers.values() for one in found} == {*PERSONS}


def test_papers_say_nothing_of_a_place_that_is_withheld(city, papers):
    public = city.for_audience("public")
    for month, found in papers.items():
        for one in found:
            where = {name: (code,) for name, code in one.place}
            (row,) = read_rates(
                public, one.metric, where=where, months=(month,)
            ).to_dict("records")
            if one.percent is not None or one.short is not None:
                assert row["withheld"] == "", (month, one)
            for side in ("numerator", "denominator"):
                if getattr(one, side) is not None:
                    assert row["withheld"] not in (side, "all"), (month, one)


@pytest.mark.parametrize("metrics", [LEADERS, MEMBERS], ids=["leaders", "members"])
def test_papers_file_and_page_together_tell_no_count_to_less_than_five(
    city, papers, metrics, tmp_path
):
    said = {month: set(found) for month, found in papers.items()}
    for month, one in read_export(city.root, tmp_path / "all.csv"):
        said[month].add(one)
    public = city.for_audience("public")
    alone = narrow_blanks(public, metrics, MONTHS)
    blanks = narrow_blanks(public, metrics, MONTHS, said=said)
    assert len(blanks) == len(alone) > 0
    for one, before in zip(blanks, alone, strict=True):
        assert one.width == pytest.approx(before.width, abs=1e-3), (one, before)


def test_the_attacker_finds_counts_in_papers_of_the_office(city):
    month = MONTHS[-1]
    said = {month: read_papers(city, month)}
    public = city.for_audience("public")
    blanks = narrow_blanks(public, LEADERS, MONTHS, said=said)
    found = [one for one in blanks if one.month == month and one.width < 5 - 1e-6]
    print(f"{len(found)} of {len(blanks)} blank counts are known to less than 5")
    assert found

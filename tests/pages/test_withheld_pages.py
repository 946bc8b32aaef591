"""What leadership and analysts are shown does not hang on what is withheld from them.

Two cities differ in counts alone that are withheld, a person here and there, so that
every published figure is the same. Whoever reads a page, a file or a paper of the one
and of the other must read the same, after the office has looked at it as well.
"""

from __future__ import annotations

import difflib
import io
import re
import shutil
import zipfile

import pandas as pd
import pytest

from data_pipeline import withheld
from data_pipeline.check_findings import read_findings
from data_pipeline.flags import read_flags
from data_pipeline.rates import open_marts, read_ledger, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.statistics.withholding import digest_of, withhold
from data_pipeline.store.audit import read_record
from data_pipeline.warehouse import build
from reports.__main__ import main
from reports.brief.rows import brief
from reports.bulletin.facts import Facts
from reports.words import catalogue, wording
from tests.pages.drawn import draw_page
from tests.pages.logged_in import configure_login, cookie, give_roles
from tests.paper_figures import read_text
from tests.soundness.test_withheld_counts import (
    LEADERS,
    MEMBERS,
    MONTHS,
    build_crowded_city,
)

# Names of a snapshot, of files, elements and runs, the lake, and when it was built,
# which a PDF may break over two lines.
NAMES = re.compile(
    r"\d{8}T\d{12}Z|[0-9a-f]{8,64}|uuid: .*|T_[0-9a-f]{5}|run\W+\d+|/\S+/lake_root"
    r"|2\d{3}\\*-\s?\d\d\\*-\s?\d\d[\sT]\d\d\\*:[\d:.\\]*"
    r"|2\d{3}\s?年\s?\d+\s?月\s?\d+\s?日"
)
METRIC = {"metric": "leader_attendance"}
PLACE = {"unit": "350102"}
CELL = {**PLACE, "sector": "community"}
PAGES = [
    ("overview", METRIC),
    ("overview", METRIC | {"more": "uneven"}),
    ("bulletin", {}),
    ("wall", {}),
    ("county_heatmap", METRIC),
    ("county_heatmap", {"metric": "member_speaking", "month": "2016-04", **CELL}),
    ("sector_gaps", METRIC),
    ("sector_gaps", METRIC | CELL),
    ("area_profile", PLACE),
    ("compare", METRIC),
    ("topics_and_speaking", {"month": "2016-04"}),
    ("leader_participation", {}),
    ("ledger_quality", {}),
    ("ledger_calendar", {"list": "changed"}),
    ("talks", {}),
    ("supervision_groups", {}),
]


@pytest.fixture(scope="module")
def cities(tmp_path_factory):
    """Both cities with a login, and the same withheld of both."""
    undo = configure_login(tmp_path_factory.mktemp("secrets"))
    known: dict[tuple[str | bytes, ...], withheld.Withheld] = {}

    def as_in_the_first(counts, answers=None):  # noqa: ARG001 (each settled anew)
        # Another city has other places.
        key = (*counts.values, counts.places.tobytes())
        if key not in known:
            known[key] = withhold(counts)
        return known[key]

    patch = pytest.MonkeyPatch()
    patch.setattr(withheld, "withhold", as_in_the_first)
    lakes = []
    for is_moved in (False, True):
        root = tmp_path_factory.mktemp("city")
        lakes.append(build_crowded_city(root, 2, is_moved))
        give_roles(lakes[-1])
        # Read in turn, so that the first city decides.
        read_everything(open_marts(lakes[-1]).for_audience("public"))
    yield lakes
    patch.undo()
    undo()


def read_everything(marts) -> list[pd.DataFrame]:
    levels = [(), ("unit",), ("sector",), ("supervision_group",), ("unit", "sector")]
    return [
        read_rates(marts, name, by=(*by, "month"), months=MONTHS)
        for name in (*LEADERS, *MEMBERS)
        for by in levels
    ]


def emitted(page) -> str:
    """All that a page sends to a browser, and all files that it offers."""
    parts: list[str] = []

    def walk(node) -> None:
        if proto := getattr(node, "proto", None):
            parts.append(str(proto))
            data = getattr(proto, "bytes", b"")
            parts.append(data.decode("utf-8", "replace") if data else "")
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(page.app._tree)
    for key, (name, make) in sorted(page.files.items()):
        parts += [key, name, text_of(name, make())]
    return NAMES.sub("", "\n".join(parts))


def differences(one: str, other: str) -> list[str]:
    lines = difflib.unified_diff(one.splitlines(), other.splitlines(), n=0)
    return [line[:300] for line in lines][2:8]


def text_of(name: str, content: bytes) -> str:
    if name.endswith(".parquet"):
        return pd.read_parquet(io.BytesIO(content)).to_csv()
    if name.endswith((".xlsx", ".docx")):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            inside = sorted(n for n in file.namelist() if not n.endswith(".png"))
            return "\n".join(file.read(n).decode("utf-8", "replace") for n in inside)
    if name.endswith(".pdf"):
        # The name of a snapshot takes more room or less.
        return "\n".join(read_text(content).split())
    return content.decode("utf-8-sig")


def test_the_cities_differ_in_what_is_withheld_alone(cities):
    one, other = (open_marts(lake) for lake in cities)
    pairs = zip(read_everything(one), read_everything(other), strict=True)
    assert not all(a.equals(b) for a, b in pairs)
    public = [read_everything(marts.for_audience("public")) for marts in (one, other)]
    for a, b in zip(*public, strict=True):
        assert a.equals(b)


@pytest.mark.parametrize(("name", "query"), PAGES, ids=str)
def test_a_page_tells_nothing_of_what_is_withheld(cities, name, query, monkeypatch):
    first, moved = cities
    # What the office has looked at is kept, and never handed to others.
    draw_page(name, moved, monkeypatch, user=cookie("office"), **query)
    seen = [
        emitted(draw_page(name, lake, monkeypatch, user=cookie("analyst"), **query))
        for lake in (moved, first)
    ]
    assert differences(*seen) == []


@pytest.mark.parametrize("name", ["overview", "county_heatmap", "area_profile"])
def test_leadership_sees_no_more_than_analysts(cities, name, monkeypatch):
    how = {"user": cookie("leadership"), **METRIC}
    seen = [emitted(draw_page(name, lake, monkeypatch, **how)) for lake in cities]
    assert differences(*seen) == []


def test_the_office_sees_everything_after_others_have_looked(cities, monkeypatch):
    files = {}
    for role in ("analyst", "office"):
        page = draw_page(
            "county_heatmap", cities[0], monkeypatch, user=cookie(role), **METRIC
        )
        files[role] = page.rows_of("csv-matrix")
    assert "withheld" not in files["office"][0]
    hidden = [row for row in files["analyst"] if row["withheld"]]
    assert 0 < len(hidden) < len(files["analyst"])
    assert all(row["rate"] == "" for row in hidden)
    assert all(row["numerator"] and row["denominator"] for row in files["office"])


def test_a_whole_file_that_the_office_takes_along_is_on_record(cities, monkeypatch):
    lake = cities[0]
    for role in ("analyst", "office"):
        page = draw_page(
            "county_heatmap", lake, monkeypatch, user=cookie(role), **METRIC
        )
        before = len(read_record(lake).acts)
        page.bytes_of("xlsx-matrix")
        acts = read_record(lake).acts[before:]
        assert len(acts) == (role == "office")
    assert (acts[0].actor, acts[0].action) == ("office", "exported_unsuppressed")
    assert acts[0].details["metrics"] == ["leader_attendance"]


@pytest.mark.parametrize(
    ("name", "key", "start"),
    [("area_profile", "pdf-brief", b"%PDF"), ("talks", "talks", b"PK")],
    ids=["brief", "talks"],
)
def test_a_paper_that_is_taken_along_whole_is_on_record(
    cities,  # noqa: ARG001 (with a login)
    tiny_lake,
    tmp_path,
    monkeypatch,
    name,
    key,
    start,
):
    lake = shutil.copytree(tiny_lake, tmp_path / "lake")
    give_roles(lake)
    for role, is_logged in (("analyst", False), ("office", True)):
        how = {"user": cookie(role), "month": "2016-07"}
        page = draw_page(name, lake, monkeypatch, **how)
        before = len(read_record(lake).acts)
        file, _ = page.files[key]
        assert page.bytes_of(key).startswith(start)
        acts = read_record(lake).acts[before:]
        assert len(acts) == is_logged, role
    assert (acts[0].actor, acts[0].action) == ("office", "exported_unsuppressed")
    assert acts[0].details["to"] == file
    assert set(LEADERS) < set(acts[0].details["metrics"])


def test_a_login_that_is_shown_small_counts_is_on_record_once(
    cities, tmp_path, monkeypatch
):
    lake = shutil.copytree(cities[0], tmp_path / "lake")
    snapshot = open_marts(lake).snapshot.id
    for role in ("analyst", "leadership", "office", "G1"):
        before, login = len(read_record(lake).acts), cookie(role)
        for name in ("county_heatmap", "area_profile", "county_heatmap"):
            draw_page(name, lake, monkeypatch, user=login, **METRIC)
        seen = [
            (act.actor, act.action, act.details)
            for act in read_record(lake).acts[before:]
        ]
        is_whole = role in ("office", "G1")
        expected = (role, "viewed_unsuppressed", {"snapshot": snapshot})
        assert seen == [expected] * is_whole, role
    # Another login is another look, and so is another snapshot.
    before = len(read_record(lake).acts)
    draw_page("overview", lake, monkeypatch, user=cookie("office", hours_ago=1))
    build(lake, load_registry())
    draw_page("overview", lake, monkeypatch, user=cookie("office", hours_ago=1))
    seen = [act.details["snapshot"] for act in read_record(lake).acts[before:]]
    assert seen == [snapshot, open_marts(lake).snapshot.id]


@pytest.mark.parametrize("role", ["office", "G1"])
@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_who_cannot_be_put_on_record_sees_no_small_counts(
    cities, tmp_path, monkeypatch, role, lang
):
    lake = shutil.copytree(cities[0], tmp_path / "lake")
    how = {"user": cookie(role), "lang": lang, **METRIC}
    # The folder of acts is a file: nothing can be added to it.
    audit = lake / "access" / "audit"
    shutil.rmtree(audit, ignore_errors=True)
    audit.write_text("")
    page = draw_page("county_heatmap", lake, monkeypatch, **how)
    (said,) = [error.value for error in page.app.error]
    assert {"zh": "先记录在案", "en": "goes on record first"}[lang] in said
    hidden = [row for row in page.rows_of("csv-matrix") if row["withheld"]]
    assert hidden and not any(row["rate"] for row in hidden)
    audit.unlink()
    page = draw_page("county_heatmap", lake, monkeypatch, **how)
    assert not page.app.error
    assert "withheld" not in page.rows_of("csv-matrix")[0]
    actions = [act.action for act in read_record(lake).acts]
    assert actions == ["viewed_unsuppressed", "exported_unsuppressed"]


def test_what_a_page_publishes_is_what_the_attacker_is_given(cities, monkeypatch):
    page = draw_page(
        "county_heatmap", cities[0], monkeypatch, user=cookie("analyst"), **METRIC
    )
    marts = open_marts(cities[0]).for_audience("public")
    rows = page.rows_of("csv-matrix")
    for by in ((), ("unit",), ("sector",), ("unit", "sector")):
        frame = withheld.leave_blank(read_rates(marts, "leader_attendance", by=by))
        known = frame.to_dict("records")
        found = [
            row
            for row in rows
            if all(bool(row[name]) == (name in by) for name in ("unit", "sector"))
        ]
        assert len(found) == len(known)
        for row in known:
            (same,) = (r for r in found if all(r[name] == row[name] for name in by))
            for side in ("numerator", "denominator"):
                value = row[side]
                shown = "" if wording.is_missing(value) else str(value)
                assert same[side] == shown


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_a_withheld_cell_says_so_and_is_neither_hot_nor_cold(cities, lang, monkeypatch):
    how = {"user": cookie("analyst"), "lang": lang, **METRIC}
    page = draw_page("county_heatmap", cities[0], monkeypatch, **how)
    data = page.component("hot_cold_matrix")
    cells = [cell for row in data["rows"] for cell in row["cells"]]
    hidden = [cell for cell in cells if cell["state"] == "withheld"]
    assert hidden
    for cell in hidden:
        assert not {"step", "mark", "class_mark", "class_word", "goal"} & set(cell)
        assert cell["text"] == wording.WITHHELD[lang]
        assert wording.WITHHELD[lang] in cell["aria"]
        assert catalogue.text(lang, "hot_cold.withheld_why") in cell["aria"]
    signs = {sign.get("mark") for sign in data["legend"]["signs"]}
    assert wording.WITHHELD[lang] in signs
    assert catalogue.text(lang, "figure.withheld") in page.words
    assert "card=withheld" in page.words
    # Nor is it among the coldest, which lead to the heatmap.
    page = draw_page("overview", cities[0], monkeypatch, **how)
    places = (cell["id"].split("|") for cell in hidden)
    for unit, sector in places:
        assert not (sector and f"unit={unit}&sector={sector}" in emitted(page))


def test_the_circular_is_a_public_paper_and_a_brief_is_not(cities, tmp_path):
    for ending in ("docx", "pdf"):
        papers = []
        for number, lake in enumerate(cities):
            out = tmp_path / f"{number}.{ending}"
            wanted = ["bulletin", "--month", "2016-06", "--lake", str(lake)]
            main([*wanted, "--out", str(out)])
            papers.append(NAMES.sub("", text_of(out.name, out.read_bytes())))
        assert papers[0] == papers[1]
        assert wording.WITHHELD["zh"] in papers[0]
    by_audience = {}
    for audience in ("office", "public"):
        for lake in cities:
            marts = open_marts(lake).for_audience(audience)
            found = (read_flags(marts).found, read_findings(marts))
            facts = Facts(marts, "2016-06", *found)
            paper = brief(facts, {"unit": "350102"})
            texts = [
                cell.text
                for part in paper.numbered()
                for row in getattr(part, "rows", ())
                for cell in row
            ]
            by_audience.setdefault(audience, []).append(texts)
    assert (
        by_audience["public"][0] == by_audience["public"][1] != by_audience["office"][0]
    )


def test_a_branch_never_shows_its_leaders_to_others(
    checked_lake,
    tmp_path,
    cities,  # noqa: ARG001 (with a login)
    monkeypatch,
):
    lake = shutil.copytree(checked_lake, tmp_path / "lake")
    give_roles(lake)
    marts = open_marts(lake)
    ledger = read_ledger(marts, months=marts.months)
    row = ledger[ledger["n_leaders"].gt(0)].iloc[-1]
    place = {name: row[name] for name in ("unit", "sector", "branch") if row[name]}
    persons = {n for t in marts.registry.tables.values() for n in t.persons}
    n_seen = {}
    for role in ("office", "analyst"):
        how = {"user": cookie(role), "month": row["month"], **place}
        page = draw_page("sector_gaps", lake, monkeypatch, **how, **METRIC)
        keys = ("csv-branch", "csv-ledger")
        rows = [one for key in keys if key in page.files for one in page.rows_of(key)]
        values = [one[n] for one in rows for n in persons & one.keys() if one[n]]
        n_seen[role] = len(values)
    assert n_seen["office"] > 0
    assert n_seen["analyst"] == 0


def test_what_is_settled_is_named_by_its_counts(cities):
    keys = set()
    for lake in cities:
        marts = open_marts(lake).for_audience("public")
        read_rates(marts, "leader_attendance", by=("unit",))
        (pattern,) = marts.patterns.values()
        keys.add(digest_of(pattern.counts))
    assert len(keys) == 2

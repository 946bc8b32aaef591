"""A registry with one metric more than the project's: one TOML table, nothing else.

Import the fixture where the metric has to be found:

    from tests.extended_registry import extended_registry  # noqa: F401
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data_pipeline.registry import FOLDER_VARIABLE, PACKAGE_FOLDER

ADDED_METRIC = "branches_per_organization"
ADDED_LABEL = "党组织平均支部数"
ADDED_TABLE = f"""
[[metric]]
id = "{ADDED_METRIC}"
label_zh = "{ADDED_LABEL}"
label_en = "Branches per organisation"
numerator = "n_branches"
denominator = "n_organizations"
unit = "per_head"
better = "none"
quote = "全市16198个党支部"
"""


def copy_registry(folder: Path) -> Path:
    """The project's registry files, copied below `folder` to be changed there."""
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    return shutil.copytree(PACKAGE_FOLDER, folder / "registry", ignore=ignored)


@pytest.fixture
def extended_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a registry that holds ADDED_METRIC; every command reads it."""
    folder = copy_registry(tmp_path)
    with open(folder / "metrics" / "members.toml", "a", encoding="utf-8") as file:
        file.write(ADDED_TABLE)
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder

"""Damage never gives a wrong figure in silence.

`FLIPS=300` goes as far as the figures of the README; by default it is a small sample.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from benchmarks import bit_flips
from data_pipeline.registry import load_registry
from data_pipeline.store import snapshots
from data_pipeline.store.lake import Lake
from data_pipeline.warehouse import build
from tests.weak_city import build_weak_city

N_FLIPS = int(os.environ.get("FLIPS", "6"))


@pytest.fixture(scope="module")
def lake(tiny_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shutil.copytree(tiny_lake, tmp_path_factory.mktemp("flips") / "lake")
    with Lake(root).writing():
        build(root, load_registry())
    return root


def test_no_flip_gives_a_wrong_figure_in_silence(lake, monkeypatch):
    monkeypatch.setattr(snapshots, "RECHECK_SECONDS", 0.0)
    counts = bit_flips.flip_bits(lake, N_FLIPS, seed=2016)
    print(bit_flips.to_markdown({"bits flipped": counts}))
    for place, found in counts.items():
        assert found[bit_flips.WRONG] == 0, (place, found)
        assert found.total() == N_FLIPS
    # Bytes of Parquet are all held to a digest: none of these can be silent.
    assert counts["lake"][bit_flips.SAME] == counts["marts"][bit_flips.SAME] == 0


def test_no_damaged_or_strange_file_gives_a_wrong_figure_in_silence(
    lake, shared_lakes, monkeypatch
):
    monkeypatch.setattr(snapshots, "RECHECK_SECONDS", 0.0)
    n = max(1, N_FLIPS // 6)
    strange = shared_lakes.of(build_weak_city)
    counts = bit_flips.damage_files(lake, strange, n, seed=2016)
    print(bit_flips.to_markdown(counts))
    assert counts.keys() == bit_flips.KINDS.keys()
    for kind, by_place in counts.items():
        for place, found in by_place.items():
            assert found[bit_flips.WRONG] == 0, (kind, place, found)
            assert found.total() == n
    # The bytes of another file are found wherever they lie.
    strange_ones = counts["files of another lake"]
    assert not any(found[bit_flips.SAME] for found in strange_ones.values())


@pytest.mark.parametrize("sequence", [4, 11])
def test_a_lost_file_lets_no_row_of_its_table_say_something_else(
    lake, monkeypatch, sequence
):
    """The month-only April of a unit, which later months add up; its correction."""
    monkeypatch.setattr(snapshots, "RECHECK_SECONDS", 0.0)
    registry = load_registry()
    snapshot = bit_flips.rates.resolve_snapshot(lake, registry)
    clean = bit_flips.read(lake, snapshot)
    (stored,) = Lake(lake).submissions()[sequence - 1].files
    kept = (lake / stored.path).read_bytes()
    (lake / stored.path).write_bytes(kept[:-1] + b"?")
    try:
        snapshot = bit_flips.rates.resolve_snapshot(lake, registry)
        answer = bit_flips.read(lake, snapshot)
    finally:
        (lake / stored.path).write_bytes(kept)
    assert bit_flips.judge(answer, clean, [stored.path]) == bit_flips.NAMED


@pytest.mark.parametrize(
    ("figures", "said", "outcome"),
    [
        ("a,1\nb,2", "", bit_flips.SAME),
        ("a,1\nb,2", "x/y.parquet", bit_flips.NAMED),
        ("a,1", "x/y.parquet", bit_flips.NAMED),
        ("", "x/y.parquet", bit_flips.REFUSED),
        ("", "", bit_flips.WRONG),
        ("a,1", "", bit_flips.WRONG),
        ("a,1\nb,3", "", bit_flips.WRONG),
        ("a,1\nb,3", "x/y.parquet", bit_flips.WRONG),
        ("a,1", "z.parquet", bit_flips.WRONG),
    ],
)
def test_a_wrong_figure_is_known_as_one(figures, said, outcome):
    clean = bit_flips.Answer("a,1\nb,2", "")
    answer = bit_flips.Answer(figures, said)
    assert bit_flips.judge(answer, clean, ["x/y.parquet"]) == outcome

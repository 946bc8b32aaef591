"""What is withheld of counts, stored beside the marts of a snapshot.

It takes seconds to settle, so the build does it and no reader waits. It is kept by the
counts themselves: what was settled of the same counts holds in every snapshot.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from data_pipeline.disk import replace_file
from data_pipeline.statistics import withholding
from data_pipeline.statistics.withholding import Counts, Withheld

STORED = "withheld.json"
Settled = dict[str, Withheld]


def digest_of(counts: Counts) -> str:
    """A name of counts, which changes with the rules by which they are withheld."""
    digest = hashlib.sha256(_rules())
    parts = (counts.within, sorted(counts.growing), counts.totals, counts.alike)
    digest.update(repr(parts).encode())
    for name, array in (*counts.values.items(), ("", counts.places)):
        digest.update(f"{name}{array.shape}{array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def read_settled(folder: Path) -> Settled:
    """What was stored with a snapshot, by `digest_of`; nothing where nothing was."""
    try:
        stored = json.loads((folder / STORED).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {
        key: {name: _unpack(of) for name, of in measures.items()}
        for key, measures in stored.items()
    }


def write_settled(folder: Path, settled: Mapping[str, Withheld]) -> None:
    """Store it beside the marts; raises OSError."""
    stored = {
        key: {name: _pack(of) for name, of in measures.items()}
        for key, measures in sorted(settled.items())
    }
    replace_file(folder / STORED, json.dumps(stored).encode())


def _pack(of: np.ndarray) -> list[int | str]:
    """Places, months, and a bit for each pair of them."""
    return [*of.shape, np.packbits(of).tobytes().hex()]


def _unpack(packed: list) -> np.ndarray:
    *shape, bits = packed
    flat = np.unpackbits(np.frombuffer(bytes.fromhex(bits), np.uint8))
    n = int(np.prod(shape))
    return flat[:n].astype(bool).reshape(shape)


@functools.cache
def _rules() -> bytes:
    return hashlib.sha256(Path(withholding.__file__).read_bytes()).digest()

"""What is withheld of counts, stored beside the marts of a snapshot.

It takes seconds to settle, so the build does it and no reader waits. It is kept by the
counts themselves: what was settled of the same counts holds in every snapshot, and so
does what an attacker finds in a month of them.
"""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from data_pipeline.disk import replace_file
from data_pipeline.statistics.withholding import Exposed, Steps, Withheld

STORED = "withheld.json"
# The steps of attackers, which the next build alone reads.
STEPS = "attackers.npz"


@dataclasses.dataclass(frozen=True)
class Settlement:
    """What is withheld of some counts, and the answers of attackers that led there."""

    withheld: Withheld
    answers: dict[str, Exposed]


class Settled(dict[str, Settlement]):
    """By `digest_of` the counts; beside them the steps that attackers took."""

    def __init__(self, known: Mapping[str, Settlement] | None = None):
        super().__init__(known or {})
        self.steps = Steps()


def read_settled(folder: Path) -> Settled:
    """What was stored with a snapshot; nothing where nothing was."""
    try:
        stored = json.loads((folder / STORED).read_text("utf-8"))
        return Settled(
            {
                key: Settlement(
                    {name: _unpack(of) for name, of in one["withheld"].items()},
                    {name: list(map(tuple, of)) for name, of in one["answers"].items()},
                )
                for key, one in stored.items()
            }
        )
    except (FileNotFoundError, ValueError, KeyError):
        return Settled()


def write_settled(folder: Path, settled: Mapping[str, Settlement]) -> None:
    """Store it beside the marts; raises OSError."""
    stored = {
        key: {
            "withheld": {name: _pack(of) for name, of in one.withheld.items()},
            "answers": one.answers,
        }
        for key, one in sorted(settled.items())
    }
    replace_file(folder / STORED, json.dumps(stored).encode())


def read_steps(path: Path) -> Steps:
    """What attackers of a snapshot tried; nothing where nothing can be read."""
    try:
        with np.load(path) as stored:
            taken = [(name.split("/")[1].split(","), stored[name]) for name in stored]
    except (OSError, EOFError, ValueError, zipfile.BadZipFile):
        return Steps()
    return Steps(taken)


def write_steps(folder: Path, steps: Steps) -> None:
    """Store them beside the marts; raises OSError."""
    named = {
        f"{number}/{','.join(measures)}": taken
        for number, (measures, taken) in enumerate(steps)
    }
    packed = io.BytesIO()
    np.savez_compressed(packed, **named)
    replace_file(folder / STEPS, packed.getvalue())


def _pack(of: np.ndarray) -> list[int | str]:
    """Places, months, and a bit for each pair of them."""
    return [*of.shape, np.packbits(of).tobytes().hex()]


def _unpack(packed: list) -> np.ndarray:
    *shape, bits = packed
    flat = np.unpackbits(np.frombuffer(bytes.fromhex(bits), np.uint8))
    n = int(np.prod(shape))
    return flat[:n].astype(bool).reshape(shape)

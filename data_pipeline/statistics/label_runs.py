"""Labels of rows as runs: first label, number of labels, and so on, in one flat array.

Rows stand in order, so that those of a place have labels one after the other: a finding
that rests on a thousand rows is two numbers and not a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def to_runs(labels: np.ndarray) -> np.ndarray:
    """Labels in their order, those that follow one another as one run.

    >>> to_runs(np.array([4, 5, 6, 2, 9])).tolist()
    [4, 3, 2, 1, 9, 1]
    """
    labels = np.asarray(labels, np.int64)
    starts = np.flatnonzero(np.diff(labels, prepend=labels[:1] - 2) != 1)
    n = np.diff(starts, append=len(labels))
    return np.column_stack([labels[starts], n]).ravel()


def labels_of(runs: np.ndarray) -> np.ndarray:
    """Every label of some runs, in their order.

    >>> labels_of(np.array([4, 3, 2, 1])).tolist()
    [4, 5, 6, 2]
    """
    first, n = np.asarray(runs, np.int64).reshape(-1, 2).T
    before = np.cumsum(n) - n
    return np.repeat(first - before, n) + np.arange(n.sum())


def merge_runs(many: Iterable[np.ndarray]) -> np.ndarray:
    """The runs of all that stands in any of them, each label once, in order.

    >>> merge_runs([np.array([4, 3, 20, 1]), np.array([6, 4, 2, 1])]).tolist()
    [2, 1, 4, 6, 20, 1]
    """
    every = np.concatenate([np.zeros(0, np.int64), *many]).reshape(-1, 2)
    first, n = every[np.argsort(every[:, 0], kind="stable")].T
    reached = np.maximum.accumulate(first + n)
    starts = np.flatnonzero(first > np.append(-1, reached)[: len(first)])
    ends = reached[np.append(starts, len(first))[1:] - 1]
    return np.column_stack([first[starts], ends - first[starts]]).ravel()


def count_labels(runs: np.ndarray) -> int:
    """How many labels some runs hold."""
    return int(np.asarray(runs)[1::2].sum())

"""Runs of labels say the same as the labels written out."""

from __future__ import annotations

import numpy as np
import pytest

from data_pipeline.statistics.label_runs import (
    count_labels,
    labels_of,
    merge_runs,
    to_runs,
)


@pytest.mark.parametrize("seed", range(50))
def test_labels_come_back_in_their_order_and_merged_runs_hold_each_once(seed):
    dice = np.random.default_rng(seed)
    many = [dice.integers(0, 30, dice.integers(0, 25)) for _ in range(seed % 5)]
    for labels in many:
        assert labels_of(to_runs(labels)).tolist() == labels.tolist()
        assert count_labels(to_runs(labels)) == len(labels)
    every = sorted({int(label) for labels in many for label in labels})
    merged = merge_runs(map(to_runs, many))
    assert labels_of(merged).tolist() == every
    assert merged.tolist() == to_runs(np.array(every, int)).tolist()

"""Every code that people are handed has a name in both languages."""

import pandas as pd
import pytest

from data_pipeline.registry import load_registry
from data_pipeline.statistics.unevenness import measure_unevenness
from reports.code_words import code_words
from reports.reported_vs_verified.figures import BAND_COLOURS
from reports.sector_gaps.unevenness import measures_frame

REGISTRY = load_registry()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_verdicts_draws_and_measures_have_names(language):
    words = code_words(REGISTRY, language)
    assert set(words["band"]) == {*BAND_COLOURS, "A", "B", "C"}
    assert set(words["is_registered"]) == {"yes", "no"}
    names = words["measure"]
    cells = pd.DataFrame({"unit": ["A", "B"], "numerator": [1, 2], "denominator": 4})
    measured = measure_unevenness(cells, 1.0)
    listed = set(measures_frame(measured, ("unit",))["measure"])
    assert listed <= set(names)
    splits = {f"between_{name}_share" for name in ("unit", "sector", "township")}
    assert set(names) == listed | splits
    for column in ("band", "is_registered", "measure"):
        assert all(words[column].values())

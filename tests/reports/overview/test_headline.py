"""A headline: for better or for worse since the month before."""

import pytest

from reports.overview.headline import Headline


@pytest.mark.parametrize(
    ("delta", "better", "course"),
    [
        ("12.3 个百分点", "higher", "better"),
        ("-12.3 个百分点", "higher", "worse"),
        ("-41", "lower", "better"),
        ("19", "lower", "worse"),
        ("0", "lower", ""),
        ("0.0 个百分点", "higher", ""),
        ("3", "none", ""),
        (None, "higher", ""),
    ],
)
def test_what_has_moved_went_the_way_that_is_wanted_or_not(delta, better, course):
    assert Headline("逾期", "84", delta, [], better, "").course == course

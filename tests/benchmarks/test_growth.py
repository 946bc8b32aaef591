"""What grows how is worked out and drawn, from lakes that are really made."""

from xml.etree import ElementTree

import pytest

from benchmarks import growth


def test_an_exponent_is_the_power_between_two_sizes():
    one = growth.Series("work", "s", (2.0, 20.0, 80.0))
    assert one.exponents([10, 100, 200]) == pytest.approx([1.0, 2.0])
    assert growth.Series("flat", "s", (3.0, 3.0)).exponents([10, 100]) == [0.0]


def test_small_lakes_are_measured_told_and_drawn(tmp_path):
    sizes = [36, 72]
    found = growth.measure_growth(tmp_path, sizes)
    names = {one.name for one in found}
    assert {"build a month", "ingest one workbook", "heatmap query"} <= names
    assert all(value > 0 for one in found for value in one.values)
    told = growth.to_markdown(found, sizes)
    assert all(f"| {name} |" in told for name in names)
    drawn = ElementTree.fromstring(growth.to_svg(found, sizes))
    texts = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert all(f"{one.name} ({one.unit})" in texts for one in found)

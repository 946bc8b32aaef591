"""What the styles of the page cost a browser at each click."""

import re

import pytest

from tests.browser.serving import PROJECT

STYLES = sorted(
    [PROJECT / "ui/assets/frame.css", *(PROJECT / "ui/parts").glob("*.css")]
)
NAMED = re.compile(r"\.[\w-]|\[(data-testid|role)|^(:is\()?[a-z]")
RELATED = re.compile(r":(has|not)\(.*?\)+")


def compounds_of(style: str) -> list[list[str]]:
    """Each selector of a style sheet as its compounds, left to right."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    found = []
    for selectors in re.findall(r"([^{}]+)\{", style):
        if selectors.lstrip().startswith("@"):
            continue
        flat, nested = "", 0
        for sign in " ".join(selectors.split()):
            nested += (sign in "([") - (sign in ")]")
            inside = nested and sign in ", >+~"
            flat += ("\1" if sign == "," else "\2") if inside else sign
        for selector in flat.split(","):
            parts = re.split(r"\s*[>+~]\s*|\s+", selector.strip())
            found.append([re.sub("\1\2*", ",", part) for part in parts])
    return found


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_stale_element_is_styled_without_all_that_stands_in_it(path):
    # Streamlit gives each element another class when a run begins and when it ends. A
    # selector by a piece of a class asks each of them whether it fits; one that goes
    # on to "anything" has all below it styled anew: 1,400 elements in place of 170.
    unnamed = [
        " ".join(compounds)
        for compounds in compounds_of(path.read_text("utf-8"))
        if any("[class*=" in before for before in compounds[:-1])
        and not NAMED.search(RELATED.sub("", compounds[-1]))
    ]
    assert not unnamed


def test_selectors_are_told_apart():
    style = '@media print { :is(a, [class*="x-"]) > :has(b > c), p + *{ } } /* d {} */'
    assert compounds_of(style) == [
        [':is(a,[class*="x-"])', ":has(b\2\2\2c)"],
        ["p", "*"],
    ]

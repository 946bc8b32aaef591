"""What the browser draws of a figure is what the figure says."""

import html
import re
from pathlib import Path

import pytest
from browsing import guarded_page, settle
from playwright.sync_api import expect
from serving import serve

from tests.reports.test_figures import draw_all

APP = Path(__file__).parent / "apps" / "figures_app.py"
PICTURES = {name: picture.untitled for name, picture in draw_all().items()}
PLAIN = [  # lying in linear axes: where a mark stands is a rule of three
    name
    for name, picture in PICTURES.items()
    if picture.traces
    and all(
        axis.get("type") is None and "domain" not in axis
        for key, axis in picture.arrangement.items()
        if re.fullmatch(r"[xy]axis\d*", key)
    )
]
# Of each figure: its words, and the boxes of its marks from the upper left corner.
READ = """() => Object.fromEntries(
    [...document.querySelectorAll('[class*="st-key-plot-"]')].map((holder) => {
        const [name] = holder.className.match(/(?<=st-key-plot-)\\w+/);
        const inner = [...holder.querySelectorAll('*')].find((one) => one.shadowRoot);
        const svg = inner.shadowRoot.querySelector('.plot > svg');
        const from = svg.getBoundingClientRect();
        const boxOf = (mark) => {
            const box = mark.getBoundingClientRect();
            const [left, top] = [box.left - from.left, box.top - from.top];
            return [left, top, box.width, box.height];
        };
        const read = (part, what) => [...svg.querySelectorAll(part)].map(what);
        return [name, {
            width: from.width,
            words: read('text', (text) => text.textContent),
            bars: read('.bars .mark', boxOf),
            points: read('.points .mark', boxOf),
            coloured: read('text[fill]', (word) => [
                word.textContent, paint(getComputedStyle(word).fill)]),
        }];
    }))"""
# The colour that a canvas makes of what is written in any way that CSS knows.
PAINT = """window.paint = (colour) => {
    const pen = new OffscreenCanvas(1, 1).getContext('2d');
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""


@pytest.fixture(scope="module")
def drawn(browser, tmp_path_factory):
    """All figures as one page has drawn them, by name."""
    log = tmp_path_factory.mktemp("figures") / "log.txt"
    with (
        serve(APP, log, {"PYTHONPATH": str(APP.parents[3])}) as server,
        guarded_page(browser, server.url) as page,
    ):
        page.goto("/")
        settle(page)
        # As paper has them: those below the screen, too.
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        expect(page.locator(".plot > svg")).to_have_count(len(PICTURES))
        page.evaluate(PAINT)
        yield page.evaluate(READ)


ON_BAR = [255, 255, 255]  # words on a mark, not on the ground


def luminance(colour):
    parts = [part / 255 for part in colour]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return sum(
        w * part for w, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


def test_coloured_words_can_be_read_on_the_ground_of_the_page(drawn):
    coloured = [word for figure in drawn.values() for word in figure["coloured"]]
    pale = [
        (words, colour)
        for words, colour in coloured
        if colour != ON_BAR and 1.05 / (luminance(colour) + 0.05) < 4.5
    ]
    assert coloured and not pale


def plain(markup):
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def ends(axis):
    low, high = axis["range"]
    return low, high


@pytest.mark.parametrize("name", PICTURES)
def test_every_word_of_a_figure_is_read_once(drawn, name):
    picture = PICTURES[name]
    whole = picture.arrangement
    said = [note["text"] for note in whole["annotations"]]
    said += [whole["title"]["text"]] if whole["title"] else []
    for key, axis in whole.items():
        if re.fullmatch(r"[xy]axis\d*", key) and axis.get("visible", True):
            said += [axis["title"]["text"]] if "title" in axis else []
            if axis.get("showticklabels", True):
                said += axis["ticktext"]
    for trace in picture.traces:
        said += [text for text in trace.get("text", ()) if text]
    assert sorted(drawn[name]["words"]) == sorted(map(plain, said))


@pytest.mark.parametrize("name", PICTURES)
def test_every_value_of_a_figure_has_a_mark(drawn, name):
    bars = points = 0
    for trace in PICTURES[name].traces:
        pairs = zip(trace["x"], trace["y"], strict=True)
        known = sum(None not in pair for pair in pairs)
        if trace["type"] == "bar":
            bars += known
        elif "markers" in trace.get("mode", "lines"):
            points += known
    shown = drawn[name]
    assert (len(shown["bars"]), len(shown["points"])) == (bars, points)


@pytest.mark.parametrize("name", PLAIN)
def test_a_mark_stands_where_its_value_lies(drawn, name):
    picture, shown = PICTURES[name], drawn[name]
    whole, margin = picture.arrangement, picture.arrangement["margin"]
    room = shown["width"] - margin["l"] - margin["r"]
    high = whole["height"] - margin["t"] - margin["b"]
    (left, right), (bottom, top) = ends(whole["xaxis"]), ends(whole["yaxis"])
    bars, points = iter(shown["bars"]), iter(shown["points"])
    lengths: dict[float, float] = {}
    for trace in picture.traces:
        for number, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
            if x is None or y is None:
                continue
            across = margin["l"] + room * (x - left) / (right - left)
            down = margin["t"] + high * (top - y) / (top - bottom)
            if trace["type"] == "bar":
                box = next(bars)
                base = trace["base"][number] if "base" in trace else 0
                if whole.get("barmode") == "stack":
                    base = lengths.get(y, 0)
                    lengths[y] = base + x
                start = margin["l"] + room * (base - left) / (right - left)
                length = room * x / (right - left)
                assert box[0] == pytest.approx(start, abs=0.6)
                assert box[2] == pytest.approx(length, abs=0.6)
                assert box[1] + box[3] / 2 == pytest.approx(down, abs=0.6)
            elif "markers" in trace.get("mode", "lines"):
                box = next(points)
                assert box[0] + box[2] / 2 == pytest.approx(across, abs=1)
                middle = box[1] + box[3] / 2
                if trace["marker"].get("symbol") != "triangle-up":
                    assert middle == pytest.approx(down, abs=1)

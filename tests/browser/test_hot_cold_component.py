"""Matrix and map in a real browser: seen, clicked, walked with keys, saved."""

from __future__ import annotations

import re
from functools import partial
from io import BytesIO
from itertools import combinations
from pathlib import Path
from urllib.parse import quote

import pytest
from browsing import (
    LOOKS,
    SIZES,
    THEMES,
    check_accessibility,
    expect_address,
    expect_no_sideways_scroll,
    rerun,
    save,
    standing_box,
    take_screenshot,
)
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from serving import serve

from reports.figures.colours import DARK, LIGHT

APP = Path(__file__).parent / "apps" / "hot_cold_app.py"
FUQING_RURAL = "福清市 农村 76.0 % 低于全市 3.0 个百分点"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    log = tmp_path_factory.mktemp("hot_cold") / "log.txt"
    with serve(APP, log, {"PYTHONPATH": str(APP.parents[3])}) as server:
        yield server


@pytest.fixture
def visit(open_on, site):
    """`visit("/?lang=en", size="phone")`, settled."""
    return partial(open_on, site)


def matrix(page: Page) -> Locator:
    return page.get_by_role("grid")


def cell(page: Page, identity: str) -> Locator:
    return matrix(page).locator(f'[data-id="{identity}"]')


def outline(page: Page, identity: str) -> Locator:
    return page.locator(f'svg [data-id="{identity}"]')


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def test_each_cell_is_a_button_that_says_place_rate_and_difference(visit):
    page = visit()
    button = matrix(page).get_by_role("button", name=FUQING_RURAL)
    expect(button).to_have_text("76.0 %▼3.0")
    shape = page.get_by_role("button", name="福清市 总体 61.8 % 低于全市 17.2 个百分点")
    expect(shape).to_have_count(2)  # the matrix' cell and the outline on the map


# Of each cell with a second line: where its rate begins and ends, and each of its
# signs. An impossible rate has a sign more, which is worth more than the first word.
SECOND_LINES = """(grid) => {
    const cells = grid.querySelectorAll('.cell:not(.over_100):has(.belief)');
    const box = (node, start, end) => {
        const range = document.createRange();
        range.setStart(node, start);
        range.setEnd(node, end);
        const { left, right, top, bottom } = range.getBoundingClientRect();
        return { left, right, top, bottom };
    };
    return [...cells].map((cell) => {
        const text = cell.querySelector('.belief').firstChild;
        const end = text.data.indexOf('*');
        const { left, right } = cell.getBoundingClientRect();
        return {
            cell: { left, right },
            first: box(text, 0, 1),
            last: box(text, end, end + 1),
            signs: [...cell.querySelectorAll('i')].map((e) => box(e, 0, 1)),
        };
    });
}"""
SIDE = 2  # pixels of a letter or sign that are left blank beside it


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_what_checks_support_is_in_one_piece_beside_the_signs(visit, lang, width):
    page = visit(f"/?lang={lang}&doubted=1")
    page.set_viewport_size({"width": width, "height": 900})
    lines = matrix(page).evaluate(SECOND_LINES)
    assert len(lines) > 50
    for line in lines:
        first, last, cell = line["first"], line["last"], line["cell"]
        assert abs(first["top"] - last["top"]) < 1
        assert first["left"] > cell["left"] - SIDE
        assert last["right"] < cell["right"] + SIDE
        for sign in line["signs"]:
            is_before = sign["right"] < first["left"] + SIDE
            is_above = sign["bottom"] < first["top"] + SIDE
            assert is_before or is_above or sign["top"] > first["bottom"] - SIDE


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_no_head_of_a_column_is_broken_within_a_word_or_cut(visit, lang):
    page = visit(f"/?lang={lang}", size="phone")
    heads = matrix(page).locator("thead th")
    for box, needed in heads.evaluate_all(
        "all => all.map((e) => [[e.clientWidth, e.clientHeight],"
        " [e.scrollWidth, e.scrollHeight]])"
    ):
        assert needed[0] <= box[0] and needed[1] <= box[1] + 1
    words = "(e) => { const r = document.createRange(); r.selectNodeContents(e);"
    words += " return r.getClientRects().length; }"
    for head in heads.all():
        n_words = len(re.split(r"[ -]", head.inner_text()))
        assert head.evaluate(words) <= n_words


def test_a_click_on_a_cell_answers_with_unit_and_sector(visit):
    page = visit()
    with rerun(page):
        cell(page, "350181|rural").click()
    expect_address(page, at="350181|rural")
    expect(cell(page, "350181|rural")).to_have_attribute("aria-current", "true")
    expect(page.get_by_text("at: 350181|rural")).to_be_visible()


@pytest.mark.parametrize("identity", ["350181|", "350102|"])
def test_a_click_on_an_outline_answers_with_the_unit(visit, identity):
    page = visit()
    with rerun(page):
        outline(page, identity).click()
    expect_address(page, at=identity)


def test_a_click_on_a_tile_answers_with_the_unit(visit):
    page = visit()
    with rerun(page):
        page.get_by_role("group", name="市直与园区").get_by_role("button").first.click()
    expect_address(page, at="HTZ|")


def test_a_second_click_answers_too(visit):
    page = visit()
    for identity in ("350181|rural", "350102|organ", "350181|rural"):
        with rerun(page):
            cell(page, identity).click()
        expect_address(page, at=identity)
        expect(page.get_by_text(f"at: {identity}")).to_be_visible()


def test_what_is_not_filed_is_hatched_says_so_and_can_be_opened(visit):
    page = visit()
    button = matrix(page).get_by_role("button", name="闽清县 国有企业 未报")
    expect(button).to_have_text("未报")
    stripes = re.compile("repeating-linear-gradient")
    expect(button).to_have_css("background-image", stripes)
    expect(outline(page, "350128|")).to_have_css("fill", re.compile("#hatch"))


def test_a_pair_that_does_not_exist_is_an_empty_place(visit):
    page = visit()
    line = matrix(page).get_by_role("row", name="市直机关")
    expect(line.get_by_role("button")).to_have_count(2)


def test_arrows_move_through_the_matrix_over_gaps_and_enter_drills(visit):
    page = visit()
    cell(page, "350181|rural").focus()
    for key, identity in (
        *(("ArrowRight", "350181|community"), ("ArrowDown", "350121|community")),
        *(("Home", "350121|"), ("End", "350121|soe"), ("ArrowUp", "350181|soe")),
    ):
        page.keyboard.press(key)
        expect(cell(page, identity)).to_be_focused()
    cell(page, "ZSJG|").focus()
    page.keyboard.press("ArrowRight")
    expect(cell(page, "ZSJG|organ")).to_be_focused()
    page.keyboard.press("ArrowRight")
    with rerun(page):
        page.keyboard.press("Enter")
    expect(page.get_by_text("at: ZSJG|organ")).to_be_visible()
    # The place must survive the redraw.
    expect(cell(page, "ZSJG|organ")).to_be_focused()


def test_arrows_move_over_the_map_as_the_eye_does_and_enter_drills(visit):
    page = visit()
    outline(page, "350124|").focus()
    for key, identity in (
        *(("ArrowRight", "350121|"), ("ArrowLeft", "350124|")),
        ("ArrowDown", "350125|"),
    ):
        page.keyboard.press(key)
        expect(outline(page, identity)).to_be_focused()
    with rerun(page):
        page.keyboard.press("Enter")
    expect(page.get_by_text("at: 350125|")).to_be_visible()


def test_the_tab_key_stops_once_in_each_picture(visit):
    page = visit()
    stops = page.locator('[data-id][tabindex="0"]')
    expect(stops).to_have_count(2)
    expect(page.locator('[data-id]:not([tabindex="-1"])')).to_have_count(2)


def test_a_tooltip_gives_the_fraction_behind_a_rate(visit):
    page = visit()
    cell(page, "350181|rural").hover()
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("76 / 100 = 76.0 %")
    expect(tip).to_contain_text("第一专题已召开支部数 / 党支部数")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda p: p.name)
def test_matrix_and_map_wear_the_palette_of_the_theme_in_use(visit, palette):
    page = visit(theme=palette.name)
    for identity, step in (("350181|rural", -1), ("350104|", -1), ("350102|", -3)):
        button = cell(page, identity)
        expect(button).to_have_css("background-color", rgb(palette.background[step]))
        expect(button).to_have_css("color", rgb(palette.text[step]))
    fill = rgb(palette.background[-3])
    expect(outline(page, "350181|")).to_have_css("fill", fill)


def test_the_palette_follows_when_the_reader_changes_the_theme(visit):
    page = visit(theme="light")
    expect(cell(page, "350102|")).to_have_css(
        "background-color", rgb(LIGHT.background[-3])
    )
    page.emulate_media(color_scheme="dark")
    expect(cell(page, "350102|")).to_have_css(
        "background-color", rgb(DARK.background[-3])
    )


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_the_pictures_pass_the_accessibility_check(visit, size, theme):
    page = visit(size=size, theme=theme)
    check_accessibility(page)
    take_screenshot(page, "hot_cold", whole=True)


def overlaps(one: dict, other: dict) -> bool:
    return all(
        min(one[side] + one[length], other[side] + other[length])
        - max(one[side], other[side])
        > 0.5
        for side, length in (("x", "width"), ("y", "height"))
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_county_label_covers_another(visit, size, language):
    page = visit(f"/?lang={language}", size=size)
    for sheet in (".sheet > .label", ".inset > .label"):
        labels = page.locator(sheet)
        expect(labels).to_have_count(
            {".sheet > .label": 10, ".inset > .label": 3}[sheet]
        )
        boxes = [label.bounding_box() for label in labels.all()]
        assert not any(overlaps(*pair) for pair in combinations(boxes, 2))


# Labels without a plate of which two corners or more lie on other places.
ASTRAY = """(sheet) => {
    sheet.scrollIntoView({ block: "center" });
    const root = sheet.getRootNode();
    const placeAt = (x, y) => {
        const { id, double } = root.elementFromPoint(x, y)?.dataset ?? {};
        return id ?? double;
    };
    return [...sheet.querySelectorAll(":scope > .label.step:not(.plate)")]
        .filter((label) => {
            const { left, top, width, height } = label.getBoundingClientRect();
            const found = [0.1, 0.9].flatMap((across) => [0.1, 0.9]
                .map((down) => placeAt(left + across * width, top + down * height)));
            return !found.some((one) => found.filter((id) => id === one).length > 2);
        })
        .map((label) => label.textContent);
}"""


@pytest.mark.parametrize("size", SIZES)
def test_a_label_that_reaches_beyond_its_place_stands_on_a_plate_of_its_own(
    visit, size
):
    page = visit("/?lang=en", size=size)
    for sheet in (".sheet", ".inset"):
        assert page.locator(sheet).first.evaluate(ASTRAY) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_is_clipped_and_nothing_scrolls_sideways(visit, size, language):
    page = visit(f"/?lang={language}", size=size)
    clipped = page.locator(".cell, th, .title, .legend, .tiles em").evaluate_all(
        "nodes => nodes.filter(n => n.scrollWidth > n.clientWidth + 1)"
        ".map(n => n.textContent)"
    )
    assert clipped == []
    expect_no_sideways_scroll(page)
    scroll = page.locator(".scroll")
    is_wider = scroll.evaluate("e => e.scrollWidth > e.clientWidth + 1")
    assert not is_wider


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_phone_what_a_cell_says_stands_line_by_line(visit, language):
    page = visit(f"/?lang={language}", size="phone")
    overlapping = cell(page, "350181|rural").evaluate(
        """cell => {
          // As where it has what is demanded.
          const goal = document.createElement("i");
          goal.className = "goal";
          goal.textContent = "◎";
          cell.append(goal);
          const parts = [...cell.querySelectorAll("b, small, .belief, i")];
          const boxes = parts.map((part) => part.getBoundingClientRect());
          return boxes.some((a, i) => boxes.slice(i + 1).some((b) =>
            a.left < b.right - 1 && b.left < a.right - 1 &&
            a.top < b.bottom - 2 && b.top < a.bottom - 2));
        }"""
    )
    assert not overlapping
    rate = cell(page, "350181|rural").locator("b").bounding_box()
    distance = cell(page, "350181|rural").locator("small").bounding_box()
    assert distance["y"] > rate["y"] + rate["height"] / 2


def test_on_a_phone_the_unit_stays_in_sight_while_many_columns_scroll(visit):
    page = visit(size="phone")
    matrix(page).evaluate("table => table.classList.add('many')")
    heading = matrix(page).get_by_role("rowheader", name="福清市")
    before = standing_box(heading)["x"]
    last = cell(page, "350181|soe")
    standing_box(last)
    page.locator(".scroll").evaluate("e => (e.scrollLeft = e.scrollWidth)")
    box = standing_box(last)
    assert heading.bounding_box()["x"] == pytest.approx(before, abs=1)
    assert box["x"] + box["width"] <= 390


def test_a_unit_named_like_a_script_is_only_text(visit):
    hostile = "<img src=x onerror=document.title='owned'>"
    page = visit(f"/?hostile={quote(hostile)}")
    expect(matrix(page).get_by_role("rowheader", name=hostile)).to_be_visible()
    cell(page, "350181|rural").hover()
    expect(page.get_by_role("tooltip")).to_contain_text(hostile)
    expect(page.locator(".hot-cold img")).to_have_count(0)
    expect(page).to_have_title("hot and cold")


def saved_picture(page: Page, number: int) -> tuple[str, Image.Image]:
    name, content = save(page.get_by_role("button", name="PNG").nth(number))
    return name, Image.open(BytesIO(content)).convert("RGB")


@pytest.mark.parametrize("theme", THEMES)
def test_the_saved_matrix_is_the_whole_matrix_on_white_at_double_size(visit, theme):
    name, image = saved_picture(visit(theme=theme), 0)
    assert name == "第一专题覆盖率_2016-07.png"
    # 120 for the names, 7 columns of 112, 19 rows of 32 and their heading of 30.
    assert image.width == 2 * (28 + 120 + 7 * 112 + 28)
    assert image.height > 2 * (30 + 19 * 32)
    assert image.getpixel((2, 2)) == (255, 255, 255)
    colours = {colour for _, colour in image.getcolors(image.width * image.height)}
    for step in LIGHT.background:
        wanted = LIGHT.background[step]
        assert tuple(int(wanted[i : i + 2], 16) for i in (1, 3, 5)) in colours


def test_the_saved_map_holds_outlines_tiles_and_legend(visit):
    name, image = saved_picture(visit(), 1)
    assert name == "第一专题覆盖率_2016-07.png"
    assert image.width == 2 * (28 + 760 + 28)
    cold = sum(
        count
        for count, colour in image.getcolors(image.width * image.height)
        if colour == (0x1B, 0x4F, 0x8F)
    )
    # Fuqing, Minqing and Jin'an are far below: a good part of the sheet.
    assert 0.05 < cold / (image.width * image.height) < 0.4

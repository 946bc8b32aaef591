"""The two catalogues say the same things, and texts of others stay text."""

import ast
import string
from pathlib import Path

import pytest

from reports.words import catalogue
from ui.menu import MENU, SECTIONS

PROJECT = Path(__file__).resolve().parents[3]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def literal_keys() -> set[str]:
    """Every key that code asks for by a literal: text("…") or text(language, "…")."""
    keys = set()
    for folder in ("ui", "pages"):
        for path in (PROJECT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name != "text":
                    continue
                keys |= {
                    argument.value
                    for argument in node.args
                    if isinstance(argument, ast.Constant)
                    and isinstance(argument.value, str)
                    and "." in argument.value
                }
    return keys


def test_both_languages_hold_the_same_keys():
    zh, en = (set(catalogue.all_texts(language)) for language in ("zh", "en"))
    assert zh - en == set()
    assert en - zh == set()
    assert len(zh) > 50


def test_both_languages_fill_in_the_same_values():
    zh, en = catalogue.all_texts("zh"), catalogue.all_texts("en")
    assert {k for k in zh if placeholders(zh[k]) != placeholders(en[k])} == set()


def test_no_text_is_empty_and_no_chinese_text_was_left_in_english():
    for language in catalogue.LANGUAGES:
        assert [
            k for k, v in catalogue.all_texts(language).items() if not v.strip()
        ] == []
    is_chinese = {
        key
        for key, text in catalogue.all_texts("en").items()
        if any("\u4e00" <= sign <= "\u9fff" for sign in text)
    }
    assert is_chinese == set()


def test_every_key_that_code_asks_for_is_there():
    asked = literal_keys()
    assert "frame.name" in asked
    assert asked - set(catalogue.all_texts("zh")) == set()


def test_every_page_and_section_of_the_menu_has_its_name_and_its_file():
    needed = {entry.title_key for entry in MENU}
    needed |= {f"frame.section.{section}" for section in SECTIONS}
    assert needed - set(catalogue.all_texts("en")) == set()
    assert [entry.path for entry in MENU if not (PROJECT / entry.path).exists()] == []


def test_a_key_that_does_not_exist_is_named_with_what_was_probably_meant():
    with pytest.raises(KeyError, match=r"frame\.nmae.*did you mean 'frame\.name'"):
        catalogue.text("zh", "frame.nmae")


def test_a_text_gets_its_values():
    assert catalogue.text("en", "frame.set_aside", n=3) == "3 damaged files left out"
    assert catalogue.text("zh", "frame.set_aside", n=3) == "3 个文件损坏,未计入"


def test_braces_in_a_value_are_not_filled_again():
    assert "{n}" in catalogue.text("en", "frame.as_of", when="{n}")


@pytest.mark.parametrize(
    "hostile",
    ["![x](http://a.example/b)", "[a](javascript:x)", "<b>粗</b>", ":material/home:"],
)
def test_markdown_in_a_name_loses_its_meaning(hostile):
    shown = catalogue.plain(hostile)
    # The joiner has no width: it keeps the browser from making a link of an address.
    assert shown.replace("\\", "").replace("\N{WORD JOINER}", "") == hostile
    assert all(f"\\{sign}" in shown for sign in "![]()<>:" if sign in hostile)

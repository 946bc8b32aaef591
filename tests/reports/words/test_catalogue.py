"""The two catalogues say the same things, and texts of others stay text."""

import ast
import itertools
import re
import string
from pathlib import Path

import pytest

from data_pipeline.registry import load_registry
from data_pipeline.statistics.cold_cells import MIN_JUDGED
from data_pipeline.words.catalogue import Catalogue
from reports.words import catalogue
from reports.words.wording import DIMENSION_LABELS
from ui.menu import LISTED, MENU, PAGES, SECTIONS, pages
from ui.parts import methods

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


def test_a_text_that_one_language_lacks_is_named(tmp_path):
    (tmp_path / "page.toml").write_text('[head]\ntitle.zh = "甲"\n', "utf-8")
    found = Catalogue(tmp_path, "reports/words", tuple(catalogue.LANGUAGES))
    with pytest.raises(ValueError, match=r"page\.head\.title .*each of zh, en"):
        found.text("zh", "page.head.title")


def test_both_languages_fill_in_the_same_values():
    assert {
        key
        for key, term in catalogue.all_terms().items()
        if placeholders(term["zh"]) != placeholders(term["en"])
    } == set()


def test_no_text_is_empty_and_no_chinese_text_was_left_in_english():
    terms = catalogue.all_terms()
    said = {k: term for k, term in terms.items() if not k.startswith("wording.joins.")}
    assert [k for k, term in said.items() if not all(term.values())] == []
    is_chinese = {
        key
        for key, term in terms.items()
        if any("\u4e00" <= sign <= "\u9fff" for sign in term["en"])
    }
    assert is_chinese == set()


def test_words_that_name_a_limit_name_the_one_in_force():
    for key in ("hot_cold.too_small", "area_profile.standing.too_small"):
        assert all(str(MIN_JUDGED) in word for word in catalogue.term(key).values())


def test_every_key_that_code_asks_for_is_there():
    keys = literal_keys()
    assert "frame.name" in keys
    assert keys - set(catalogue.all_terms()) == set()


def test_every_page_and_section_of_the_menu_has_its_name_and_its_file():
    needed = {entry.title_key for entry in MENU}
    needed |= {f"frame.section.{section}" for section in SECTIONS}
    assert needed - set(catalogue.all_terms()) == set()
    assert [entry.path for entry in MENU if not (PROJECT / entry.path).exists()] == []
    # Named below exactly one word of the menu; few enough words to be seen at once.
    listed = [name for names in LISTED.values() for name in names]
    assert sorted(set(listed)) == sorted(listed)
    assert set(PAGES) <= set(listed) <= set(pages())
    assert len(SECTIONS) <= 7


def test_a_key_that_does_not_exist_is_named_with_what_was_probably_meant():
    with pytest.raises(KeyError, match=r"frame\.nmae.*did you mean 'frame\.name'"):
        catalogue.text("zh", "frame.nmae")


def test_a_text_gets_its_values():
    assert catalogue.text("en", "frame.set_aside", n=3) == "3 damaged files left out"
    assert catalogue.text("zh", "frame.set_aside", n=3) == "3 个文件损坏，未计入"


def test_braces_in_a_value_are_not_filled_again():
    assert "{n}" in catalogue.text("en", "frame.as_of", when="{n}")


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](http://a.example/b)",
        "[a](javascript:x)",
        "&lt;b&gt;",
        "<b>粗</b>",
        ":material/home:",
    ],
)
def test_markdown_in_a_name_loses_its_meaning(hostile):
    shown = catalogue.plain(hostile)
    # The joiner has no width: it keeps the browser from making a link of an address.
    assert shown.replace("\\", "").replace("\N{WORD JOINER}", "") == hostile
    assert all(f"\\{sign}" in shown for sign in "![]()<>:&" if sign in hostile)


def strings_of_code() -> tuple[set[str], list[re.Pattern[str]], set[str]]:
    """Literals of the code, patterns of its f-strings, sections of words of codes."""
    literals, patterns, coded = set(), [], set()
    folders = ("data_pipeline", "reports", "ui", "pages")
    files = (path for name in folders for path in (PROJECT / name).rglob("*.py"))
    for path in (PROJECT / "dashboard.py", *files):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals.add(node.value)
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(part.value)
                    if isinstance(part, ast.Constant)
                    else r"[\w.]+"
                    for part in node.values
                ]
                pattern = "".join(parts)
                if re.search(r"[a-z]{2}", pattern.replace(r"[\w.]+", "")):
                    patterns.append(re.compile(pattern))
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                "catalogue.terms"
            ):
                coded.add(ast.literal_eval(node.args[0]))
    return literals, patterns, coded


def test_no_text_is_without_use():
    literals, patterns, coded = strings_of_code()
    named = set(load_registry().metrics) | set(methods.cards())
    named |= {"_".join(by) for by in itertools.permutations(DIMENSION_LABELS, 2)}

    def is_used(key: str) -> bool:
        section, _, last = key.rpartition(".")
        ends = [key.split(".", n)[-1] for n in range(key.count(".") + 1)]
        return (
            section in coded
            or last in named
            or any(end in literals for end in ends)
            or any(p.fullmatch(end) for p in patterns for end in ends)
        )

    # A card of a method is looked up as a whole, by its name.
    texts = [key for key in catalogue.all_terms() if key.split(".")[1] not in named]
    assert [key for key in texts if not is_used(key)] == []

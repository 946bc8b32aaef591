"""What the pipeline says stands in TOML files: all is used, all is complete."""

from __future__ import annotations

import ast
import errno
import functools
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_pipeline.store.manifest import Fault
from data_pipeline.store.role_table import RoleFault
from data_pipeline.words import CATALOGUE, FOLDER, text, texts
from data_pipeline.words.catalogue import LANGUAGES
from data_pipeline.workbooks import recognised
from data_pipeline.workbooks.refusal_words import fault

PACKAGE = FOLDER.parent
# The made-up city is content, and so is its Chinese.
MADE_UP = PACKAGE / "demo_city"
CHINESE = re.compile("[\u2e80-\u303f\u30fb\u3400-\u9fff\uff00-\uffef]")
# Signs that stand in the code themselves, with the reason.
SIGNS = {
    "、": "parts the words of a cell that holds several, in the lake too",
    "，；：。～（【〔】〕": "punctuation of cells that is folded or cut off",
    "＝＋－＠": "what a spreadsheet takes for a formula, in full width",
    "・": "the middle dots that a name may be written with",
    "\u3000": "the ideographic space",
    "\u3400\u9fff": "the first and the last Chinese character",
}


@functools.cache
def trees() -> dict[Path, ast.Module]:
    return {
        path: ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if MADE_UP not in path.parents
    }


def literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """Every text of a module but its docstrings."""
    docstrings = {
        id(statement.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        for statement in node.body
        if isinstance(statement, ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings:
            yield node


@functools.cache
def calls(name: str) -> list[ast.Call]:
    return [
        node
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and is_named(node.func, name)
    ]


def is_named(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def literal(node: ast.expr) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None


def places(*said: str) -> set[str]:
    """The {names} that are to be filled."""
    return {
        name.partition(".")[0]
        for one in said
        for _, name, _, _ in string.Formatter().parse(one)
        if name
    }


def keys_in_use() -> dict[str, re.Pattern[str]]:
    """Each key in use, as a pattern: a part that code computes may be anything."""
    written = {}
    parts = [
        *((call.args[0], "refusals.") for call in calls("say")),
        *((call.args[0], "commands.") for call in calls("_say")),
        *((call.args[1], "") for call in calls("text") if len(call.args) > 1),
        *((call.args[0], "") for call in calls("texts")),
    ]
    for node, lead in parts:
        pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
        known = [literal(piece) for piece in pieces]
        pattern = "".join(r"[\w.]+" if one is None else re.escape(one) for one in known)
        if any(known):
            written[ast.unparse(node)] = re.compile(re.escape(lead) + pattern)
    return written


def whys() -> dict[str, list[re.Pattern[str]]]:
    """Reasons that a fault of a code may give, as far as the code writes them out."""
    # What a variable holds is written in the same module.
    found: dict[str, list[re.Pattern[str]]] = {}
    for tree in trees().values():
        strings = [node.value for node in literals(tree)]
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and is_named(node.func, "fault")):
                continue
            code, why = literal(node.args[0]), node.args[1]
            if literal(why):
                patterns = [re.escape(literal(why))]
            elif isinstance(why, ast.JoinedStr):
                pieces = [literal(piece) for piece in why.values]
                patterns = ["".join(p and re.escape(p) or r"\w+" for p in pieces)]
            else:
                patterns = [re.escape(one) for one in strings]
            found.setdefault(code or r"E_\w+", []).extend(map(re.compile, patterns))
    return found


def test_no_chinese_stands_in_the_code():
    allowed = set("".join(SIGNS))
    assert {
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {node.value}"
        for path, tree in trees().items()
        for node in literals(tree)
        if not set(CHINESE.findall(node.value)) <= allowed
    } == set()


def test_every_sign_that_is_allowed_is_still_there():
    found = {
        sign
        for tree in trees().values()
        for node in literals(tree)
        for sign in CHINESE.findall(node.value)
    }
    assert set("".join(SIGNS)) - found == set()


def test_every_text_is_used():
    patterns, reasons = list(keys_in_use().values()), whys()
    # Rules of one row give their reason by their own kind, joiners by their name.
    kinds = {"at_most", "at_least"}
    joiners = {literal(call.args[1]) for call in calls("listed") if call.args[1:]}

    def is_used(key: str) -> bool:
        file, *rest = key.split(".")
        if file == "wording" and rest[0] in {*joiners, "and"}:
            return True
        if file == "refusals" and rest[-1] in ("reason", "remedy") and len(rest) == 3:
            return rest[1] in kinds or any(
                re.fullmatch(code, rest[0]) and pattern.fullmatch(rest[1])
                for code, patterns in reasons.items()
                for pattern in patterns
            )
        if file == "refusals" and rest[1:] == ["remedy"]:
            return True  # the usual remedy; tests of refusals hold it to the codes
        section = key.rpartition(".")[0]
        return any(p.fullmatch(key) or p.fullmatch(section) for p in patterns)

    assert [key for key in CATALOGUE.all_terms if not is_used(key)] == []


def test_every_text_that_is_used_exists():
    keys = set(CATALOGUE.all_terms)
    sections = {key.rpartition(".")[0] for key in keys}
    lacking = [
        written
        for written, pattern in keys_in_use().items()
        if not any(pattern.fullmatch(key) for key in keys | sections)
    ]
    for call in calls("fault"):
        code, why = (literal(part) for part in call.args[:2])
        if code and why and f"refusals.{code}.{why}.reason" not in keys:
            lacking.append(ast.unparse(call))
    assert lacking == []


def test_every_place_of_a_text_is_filled():
    terms, wrong = CATALOGUE.all_terms, []
    for call in calls("fault"):
        code, why = (literal(part) for part in call.args[:2])
        given = {keyword.arg for keyword in call.keywords}
        if code and why and None not in given:
            keys = (f"refusals.{code}.{why}.{part}" for part in ("reason", "remedy"))
            needed = places(*(terms[key]["zh"] for key in keys if key in terms))
            wrong += [ast.unparse(call)] if needed != given else []
    asking = [("say", "refusals.", 0), ("_say", "commands.", 0), ("text", "", 1)]
    for name, lead, at in asking:
        for call in (call for call in calls(name) if len(call.args) > at):
            given = {keyword.arg for keyword in call.keywords}
            if (key := literal(call.args[at])) and None not in given:
                needed = places(*terms[lead + key].values())
                wrong += [ast.unparse(call)] if needed != given else []
    assert wrong == []


def test_the_languages_of_a_text_have_the_same_places_and_no_text_is_empty():
    for key, term in CATALOGUE.all_terms.items():
        # Of one language for one reader, or of all for the pages.
        assert len(term) in (1, len(LANGUAGES)), key
        assert all(term.values()), key
        assert len({frozenset(places(said)) for said in term.values()}) == 1, key
        # An English sentence may cite the sheet as it is called: roll (名册).
        rest = re.sub(r"\([\u4e00-\u9fff]+\)", "", term.get("en", ""))
        assert not CHINESE.search(rest), key


def test_a_key_that_does_not_exist_is_named_with_what_was_probably_meant():
    with pytest.raises(KeyError, match=r"did you mean 'disk\.sentence'"):
        text("zh", "disk.sentense")
    with pytest.raises(KeyError, match=r"no section 'template\.type'.*template\.types"):
        texts("template.type")
    with pytest.raises(KeyError, match=r"did you mean 'refusals\.E_DATE\.not_day\.rea"):
        fault("E_DATE", "no_day")
    with pytest.raises(KeyError, match=r"did you mean 'dates\.month'"):
        recognised.word("dates.mont")


def test_a_place_that_stays_empty_and_a_language_that_is_lacking_are_faults():
    with pytest.raises(KeyError, match="most"):
        fault("E_RANGE", "too_large")
    with pytest.raises(KeyError, match=r"refusals\.\S+ is not said in 'en'"):
        text("en", "refusals.E_PERIOD.outside.reason", start="a", end="b")


@pytest.mark.parametrize("section", ["disk", "disk.faults", "bucket"])
def test_what_pages_say_of_a_disk_or_bucket_is_said_in_both_languages(section):
    assert set(texts(section, "zh")) == set(texts(section, "en"))


def test_an_entry_that_cannot_be_read_is_explained_in_the_language_of_the_reader():
    fault = Fault("m", "unreadable", error=PermissionError(errno.EACCES, ""))
    assert "没有权限" in fault.sentence("zh")
    assert "permission denied" in fault.sentence("en")
    lost = RoleFault("unreadable", error=PermissionError(errno.EACCES, ""))
    assert "没有权限" in lost.sentence("zh")
    assert "permission denied" in lost.sentence("en")


def test_everything_that_is_recognised_is_looked_up_as_its_own_kind():
    functions = ("word", "words", "any_of")
    keys = {literal(call.args[0]) for name in functions for call in calls(name)}
    parts = {f"dates.{part}" for part in ("year", "month", "day")}
    assert {*filter(None, keys), *parts} == set(recognised._WORDS)
    with pytest.raises(TypeError, match="is a list"):
        recognised.word("blank")
    with pytest.raises(TypeError, match="is one word"):
        recognised.words("dates.year")


def test_every_fault_of_a_registry_is_written_in_words_and_each_of_these_is_given():
    package = PACKAGE / "registry"
    given: dict[str, set[str]] = {}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            is_add = isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "faults.add",
                "self.add",
            )
            if is_add and package in path.parents:
                given[literal(node.args[0])] = {word.arg for word in node.keywords}
    used_alone = {
        literal(call.args[1]).removeprefix("registry.")
        for call in calls("text")
        if len(call.args) > 1 and (literal(call.args[1]) or "").startswith("registry.")
    }
    written = CATALOGUE.terms("registry")
    assert {*given} | used_alone == {*written}
    for fault_name, values in given.items():
        assert places(written[fault_name]["en"]) == values, fault_name

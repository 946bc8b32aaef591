"""The registry is read whole or refused with a sentence that says what to write."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_pipeline import registry
from data_pipeline.registry import (
    RegistryError,
    load_registry,
)
from data_pipeline.warehouse import try_queries
from tests.extended_registry import copy_registry
from tests.hostile_city import TEXTS
from tests.hostile_registry import HARMLESS
from tests.new_table import add_table

FIRST_DUE = "milestones = [{ due = 2016-06-30, target = 1.0 }]"

# file, what stands there, what is written instead (first place only), the sentence
FAULTS = {
    "a name that turns the direction of writing": (
        "places.toml",
        'name_zh = "仓山区"',
        'name_zh = "仓山\\u202e区"',
        "places.toml, key 'unit' 350104, key 'name_zh': '\\u4ed3\\u5c71\\u202e\\u533a' "
        "holds U+202E, which nobody sees; write it without.",
    ),
    "an alias with a control character": (
        "places.toml",
        'aliases = ["仓山",',
        'aliases = ["仓\\u0000山",',
        "places.toml, key 'unit' 350104, key 'aliases' 1: '\\u4ed3\\x00\\u5c71' "
        "holds U+0000, which nobody sees; write it without.",
    ),
    "a label with an isolate": (
        "metrics/topics.toml",
        'label_en = "Topic 1 coverage"',
        'label_en = "Topic 1\\u2066 coverage"',
        "metrics/topics.toml, key 'metric' topic_1_coverage, key 'label_en': "
        "'Topic 1\\u2066 coverage' holds U+2066, which nobody sees; write it without.",
    ),
    "an unknown key of a metric": (
        "metrics/topics.toml",
        'label_zh = "第一专题覆盖率"',
        'lable_zh = "第一专题覆盖率"',
        "metrics/topics.toml: metric topic_1_coverage, key: 'lable_zh' is not known; "
        "did you mean 'label_zh'?",
    ),
    "a key that is missing": (
        "metrics/topics.toml",
        'label_en = "Topic 1 coverage"\n',
        "",
        "metrics/topics.toml: metric topic_1_coverage: the key 'label_en' is missing.",
    ),
    "a numerator that is no column": (
        "metrics/topics.toml",
        'numerator = "n_branches_topic_1"',
        'numerator = "n_branch_topic_1"',
        "metrics/topics.toml: metric topic_1_coverage, key numerator: "
        "'n_branch_topic_1' is not known; did you mean 'n_branches_topic_1'?",
    ),
    "a denominator far from any column": (
        "metrics/topics.toml",
        'denominator = "n_branches"',
        'denominator = "population"',
        "key denominator: 'population' is not known; known are n_organizations, ",
    ),
    "a metric id that stands twice": (
        "metrics/topics.toml",
        'id = "topic_2_coverage"',
        'id = "topic_1_coverage"',
        "metrics/topics.toml: metric 'topic_1_coverage' is there twice.",
    ),
    "a metric id that is no plain name": (
        "metrics/topics.toml",
        'id = "topic_1_coverage"',
        'id = "Topic 1"',
        "metrics/topics.toml: metric Topic 1, key id: 'Topic 1' is not a name; a "
        "name is lower-case letters, digits and underscores and begins with a letter.",
    ),
    "a table that nobody files": (
        "metrics/filing.toml",
        'table = "filing"',
        'table = "fillings"',
        "metrics/filing.toml: metric on_time, key table: 'fillings' is not known; did "
        "you mean 'filing'?",
    ),
    "a table without a month": (
        "metrics/leaders.toml",
        'numerator = "n_leaders_attended"',
        'table = "roll"\nnumerator = "n_leaders"',
        "metrics/leaders.toml: metric leader_attendance: the table 'roll' has no "
        "month, so nothing of it can be counted month by month; give it a [[measure]].",
    ),
    "a count of another table": (
        "metrics/topics.toml",
        'numerator = "n_branches_topic_1"',
        'numerator = "n_uploaded"',
        "key numerator: 'n_uploaded' is not known; it is a count of another table, so "
        'write table = "meeting"',
    ),
    "a unit of measure that does not exist": (
        "metrics/topics.toml",
        'unit = "share"',
        'unit = "shares"',
        "key unit: 'shares' is not known; did you mean 'share'?",
    ),
    "a status that does not exist": (
        "metrics/topics.toml",
        'unit = "share"',
        'unit = "share"\nstatus = "drafts"',
        "key status: 'drafts' is not known; did you mean 'draft'?",
    ),
    "a synonym that names two metrics": (
        "metrics/leaders.toml",
        'unit = "share"',
        'unit = "share"\nsynonyms = ["第一专题完成率"]',
        "leader_attendance: '第一专题完成率' names topic_1_coverage as well; give one",
    ),
    "a direction that does not exist": (
        "metrics/topics.toml",
        'better = "higher"',
        'better = "high"',
        "key better: 'high' is not known; did you mean 'higher'?",
    ),
    "a dimension that does not exist": (
        "metrics/filing.toml",
        'dimensions = ["unit"',
        'dimensions = ["units"',
        "metric on_time, key dimensions: 'units' is not known; did you mean 'unit'?",
    ),
    "a quote that nobody said": (
        "metrics/leaders.toml",
        'quote = "党员领导干部要以普通党员身份带头发言"',
        'quote = "党员领导干部应以普通党员身份带头发言"',
        "metrics/leaders.toml: metric leader_speaking: the quote "
        "'党员领导干部应以普通党员身份带头发言' is not in speech.txt; copy it "
        "word for word, punctuation included.",
    ),
    "an empty quote": (
        "metrics/leaders.toml",
        'quote = "党员领导干部要以普通党员身份带头发言"',
        'quote = ""',
        "metrics/leaders.toml: metric leader_speaking: the quote '' is not in",
    ),
    "milestones out of order": (
        "metrics/topics.toml",
        FIRST_DUE,
        "milestones = [{ due = 2016-08-31, target = 1.0 }, "
        "{ due = 2016-06-30, target = 0.5 }]",
        "metrics/topics.toml: metric topic_1_coverage: milestones must be in order "
        "of their due days.",
    ),
    "a milestone without a day beside others": (
        "metrics/topics.toml",
        FIRST_DUE,
        "milestones = [{ target = 0.5 }, { due = 2016-06-30, target = 1.0 }]",
        "metrics/topics.toml: metric topic_1_coverage: milestones must be in order "
        "of their due days.",
    ),
    "an unknown key of a milestone": (
        "metrics/topics.toml",
        FIRST_DUE,
        "milestones = [{ by = 2016-06-30, target = 1.0 }]",
        "metrics/topics.toml: metric topic_1_coverage, milestone 1, key: 'by' is not "
        "known;",
    ),
    "a target in per cent": (
        "metrics/topics.toml",
        FIRST_DUE,
        'milestones = [{ due = 2016-06-30, target = "100 %" }]',
        "milestone 1, key target: '100 %' is not a number.",
    ),
    "a day in quotes": (
        "metrics/topics.toml",
        FIRST_DUE,
        'milestones = [{ due = "2016-06-30", target = 1.0 }]',
        "milestone 1, key due: '2016-06-30' is not a date such as 2016-06-30.",
    ),
    "a window that ends before it starts": (
        "metrics/topics.toml",
        "window = { start = 2016-04-01, end = 2016-06-30 }",
        "window = { start = 2016-06-30, end = 2016-04-01 }",
        "metrics/topics.toml: metric topic_1_coverage: the window ends before it "
        "starts.",
    ),
    "yes instead of true": (
        "metrics/leaders.toml",
        "is_ceiling = true",
        'is_ceiling = "yes"',
        "metric lecture_reach_ceiling, key is_ceiling: 'yes' is not true or false.",
    ),
    "a misspelt list of metrics": (
        "metrics/topics.toml",
        "[[metric]]",
        "[[metrics]]",
        "metrics/topics.toml, key: 'metrics' is not known; did you mean 'metric'?",
    ),
    "text that is no TOML": (
        "metrics/topics.toml",
        'id = "topic_1_coverage"',
        "id = topic_1_coverage",
        "metrics/topics.toml is not TOML: ",
    ),
    "an unknown key of a column": (
        "tables/ledger.toml",
        'heading = "督导组"',
        'headings = "督导组"',
        "tables/ledger.toml: column supervision_group, key: 'headings' is not "
        "known; did you mean 'heading'?",
    ),
    "a column type that does not exist": (
        "tables/ledger.toml",
        'type = "count"',
        'type = "counts"',
        "column n_organizations, key type: 'counts' is not known; did "
        "you mean 'count'?",
    ),
    "a count that does not say how it counts": (
        "tables/ledger.toml",
        'kind = "state"\n',
        "",
        "column n_organizations, key kind: '' is not known; known are "
        "state, cumulative.",
    ),
    "a word column without its words": (
        "tables/roll.toml",
        'type = "yes_no"',
        'type = "word"',
        "a word needs its list 'words'.",
    ),
    "a column name that stands twice": (
        "tables/ledger.toml",
        'name = "n_members"',
        'name = "n_branches"',
        "tables/ledger.toml: column 'n_branches' is there twice.",
    ),
    "a heading that names two columns": (
        "tables/ledger.toml",
        'aliases = ["党员数"]',
        'aliases = ["党 支部数"]',
        "tables/ledger.toml: the heading '党 支部数' names both n_branches and "
        "n_members.",
    ),
    "an alias that is no list": (
        "tables/ledger.toml",
        'aliases = ["党员数"]',
        'aliases = "党员数"',
        "column n_members, key aliases: '党员数' is not a list.",
    ),
    "an alias that is a number": (
        "tables/ledger.toml",
        'aliases = ["党员数"]',
        "aliases = [3]",
        "column n_members, key aliases: 3 is not a text.",
    ),
    "a key column that does not exist": (
        "tables/ledger.toml",
        'key = ["month", "unit", "sector", "branch"]',
        'key = ["month", "units", "sector", "branch"]',
        "tables/ledger.toml, key key: 'units' is not known; did you mean 'unit'?",
    ),
    "a difference of a column that does not exist": (
        "tables/ledger.toml",
        'minuend = "n_members"',
        'minuend = "n_member"',
        "tables/ledger.toml: derived n_members_ordinary, key minuend: 'n_member' is "
        "not known; did you mean 'n_members'?",
    ),
    "a difference within a table that does not exist": (
        "tables/ledger.toml",
        'name = "n_members_ordinary"',
        'name = "n_members_ordinary"\ntable = "ledgers"',
        "tables/ledger.toml: derived n_members_ordinary, key table: 'ledgers' is not "
        "known; did you mean 'ledger'?",
    ),
    "a unit of a group that does not exist": (
        "places.toml",
        'group = "G1"',
        'group = "G9"',
        "places.toml: unit 350102, key group: 'G9' is not known; known are G1, G2, "
        "G3, G4.",
    ),
    "a kind of unit that does not exist": (
        "places.toml",
        'kind = "county"',
        'kind = "country"',
        "places.toml: unit 350102, key kind: 'country' is not known; did you mean "
        "'county'?",
    ),
    "a unit code that stands twice": (
        "places.toml",
        'code = "350103"',
        'code = "350102"',
        "places.toml: unit '350102' is there twice.",
    ),
    "an alias that names two units": (
        "places.toml",
        'aliases = ["台江", ',
        'aliases = ["台江", "鼓 楼", ',
        "places.toml: '鼓 楼' names both 350102 and 350103.",
    ),
    "an English name that names two units": (
        "places.toml",
        'name_en = "Taijiang"',
        'name_en = "Gulou"',
        "places.toml: 'Gulou' names both 350102 and 350103.",
    ),
    "a code written as a number": (
        "places.toml",
        'code = "350102"',
        "code = 350102",
        "places.toml: unit 350102, key code: 350102 is not a text.",
    ),
    "a time zone by name": (
        "calendar.toml",
        'timezone = "+08:00"',
        'timezone = "Asia/Shanghai"',
        "calendar.toml: timezone 'Asia/Shanghai' is not written as +08:00.",
    ),
    "a month that does not exist": (
        "calendar.toml",
        'end = "2016-12"',
        'end = "2016-13"',
        "calendar.toml: '2016-13' is not written as 2016-04.",
    ),
    "a campaign that ends before it starts": (
        "calendar.toml",
        'end = "2016-12"',
        'end = "2016-03"',
        "calendar.toml: the campaign ends before it starts.",
    ),
    "a filing day that February does not have": (
        "calendar.toml",
        "filing_day = 15",
        "filing_day = 30",
        "calendar.toml: filing_day 30 is not a day that every month has (1 to 28).",
    ),
    "a filing day in quotes": (
        "calendar.toml",
        "filing_day = 15",
        'filing_day = "15"',
        "calendar.toml: campaign, key filing_day: '15' is not a whole number.",
    ),
    "a term of no days": (
        "calendar.toml",
        "rectification_days = 90",
        "rectification_days = 0",
        "calendar.toml: rectification_days 0 is not at least 1.",
    ),
    "a threshold of the circular below 0": (
        "bulletin.toml",
        "praise_points = 5.0",
        "praise_points = -5.0",
        "bulletin.toml, key praise_points: -5.0 is below 0.",
    ),
    "a threshold of the circular that is missing": (
        "bulletin.toml",
        "praise_from = 30\n",
        "",
        "bulletin.toml: the key 'praise_from' is missing.",
    ),
    "a campaign without its start": (
        "calendar.toml",
        'start = "2016-04"\n',
        "",
        "calendar.toml: campaign: the key 'start' is missing.",
    ),
    "a topic of a metric that does not exist": (
        "calendar.toml",
        'metric = "topic_1_coverage"',
        'metric = "topic_1_covrage"',
        "calendar.toml: topic topic_1, key metric: 'topic_1_covrage' is not known; "
        "did you mean 'topic_1_coverage'?",
    ),
    "a topic of a metric without a window": (
        "calendar.toml",
        'metric = "topic_1_coverage"',
        'metric = "leader_attendance"',
        "calendar.toml: topic topic_1: the metric 'leader_attendance' needs a window "
        "and a due date.",
    ),
    "a topic with a quote that nobody said": (
        "calendar.toml",
        'quote = "第一专题集中学习的时间是4—6月份"',
        'quote = "第一专题集中学习的时间是4-6月份"',
        "calendar.toml: topic topic_1: the quote '第一专题集中学习的时间是4-6月份' "
        "is not in speech.txt",
    ),
    "a rule of a table that does not exist": (
        "rules.toml",
        'table = "ledger"',
        'table = "leger"',
        "rules.toml: rule organizations_cover_branches, key table: 'leger' is not "
        "known; did you mean 'ledger'?",
    ),
    "a rule of an unknown kind": (
        "rules.toml",
        'kind = "at_most"',
        'kind = "at_most_of"',
        "rules.toml: rule grassroots_within_lectures, key kind: 'at_most_of' is not "
        "known; did you mean 'at_most'?",
    ),
    "a rule over several rows without its words": (
        "rules.toml",
        'remedy_zh = "可能当月确实没有活动，或漏报后以上月数字代替。"\n',
        "",
        "rules.toml: rule copied_month: remedy_zh is missing.",
    ),
    "a month of the key that may be left out": (
        "tables/meeting.toml",
        'type = "month"\nrequired = true',
        'type = "month"',
        "tables/meeting.toml: column month: it is in the key, so a row must have it; "
        "set required = true.",
    ),
    "a metric that remembers one of another table": (
        "metrics/topics.toml",
        'remembers = "topic_1_coverage"',
        'remembers = "topic_1_strict"',
        "metric topic_1_on_time: only a metric of the ledger can be remembered, and "
        "'topic_1_strict' is none.",
    ),
    "a rule of an unknown severity": (
        "rules.toml",
        'severity = "refuse"',
        'severity = "refused"',
        "key severity: 'refused' is not known; did you mean 'refuse'?",
    ),
    "a rule on a column that does not exist": (
        "rules.toml",
        'column = "n_organizations"',
        'column = "n_organisations"',
        "key column: 'n_organisations' is not known; did you mean 'n_organizations'?",
    ),
    "a column that says something of rows under an unknown word": (
        "tables/duty.toml",
        'only_where = { act = "information" }',
        'only_where = { act = "informaton" }',
        "tables/duty.toml: column kind, key only_where, act: 'informaton' is not "
        "known; did you mean 'information'?",
    ),
    "a rule against a column that does not exist": (
        "rules.toml",
        'other = "n_branches"',
        'other = "n_branch"',
        "rule organizations_cover_branches, key other: 'n_branch' is not known; did "
        "you mean 'n_branches'?",
    ),
    "a rule before a month that does not exist": (
        "rules.toml",
        'month = "2016-07"',
        'month = "2016-7"',
        "rules.toml: rule topic_2_in_window: '2016-7' is not a month.",
    ),
    "a rule that stands twice": (
        "rules.toml",
        'id = "topic_2_within_branches"',
        'id = "topic_1_within_branches"',
        "rules.toml: rule 'topic_1_within_branches' is there twice.",
    ),
    "a count of something that nobody counts": (
        "tables/contest.toml",
        'counts = "persons"',
        'counts = "person"',
        "tables/contest.toml: column n_eligible, key counts: 'person' is not known; "
        "did you mean 'persons'?",
    ),
    "persons counted by a column of words": (
        "tables/special_group.toml",
        'type = "word"',
        'type = "word"\ncounts = "persons"',
        "tables/special_group.toml: column group_kind: only a column of type 'count' "
        "counts persons; leave out the key counts.",
    ),
    "a reason that lists a place before it is said of it": (
        "priorities.toml",
        "threshold = 0.05\nlists_from = 0.2",
        "threshold = 0.05\nlists_from = 0.02",
        "priorities.toml: reason overdue: lists_from is below threshold; a reason that "
        "lists a place is also said of it.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_its_place_and_remedy(fault, tmp_path):
    file, before, after, sentence = FAULTS[fault]
    folder = copy_registry(tmp_path)
    text = (folder / file).read_text("utf-8")
    assert before in text, "the registry has moved on: this fault is no longer planted"
    (folder / file).write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(RegistryError) as refusal:
        load_registry(folder)
    assert sentence in refusal.value.faults[0]
    assert not any("\n" in line for line in refusal.value.faults), "one fault, one line"


# One fault in each of ten places: the sentence that each must bring.
TEN_FAULTS = {
    "an unknown key of a metric": FAULTS["an unknown key of a metric"],
    "a quote that nobody said": FAULTS["a quote that nobody said"],
    "a misspelt measure": (
        "metrics/weak.toml",
        'numerator = "n_weak_converted"',
        'numerator = "n_weak_convert"',
        "metrics/weak.toml: metric weak_conversion, key numerator: 'n_weak_convert' is "
        "not known; did you mean 'n_weak_converted'?",
    ),
    "an unknown key of a column": FAULTS["an unknown key of a column"],
    "a column that SQL cannot name": (
        "tables/weak_case.toml",
        'name = "problem_type"',
        'name = "Problem type"',
        "tables/weak_case.toml: column Problem type, key name: 'Problem type' is not "
        "a name; a name is lower-case letters, digits and underscores and begins with "
        "a letter.",
    ),
    "a word column without its words": FAULTS["a word column without its words"],
    "a unit of a group that does not exist": (
        FAULTS["a unit of a group that does not exist"]
    ),
    "a filing day that February does not have": (
        FAULTS["a filing day that February does not have"]
    ),
    "a rule of an unknown severity": FAULTS["a rule of an unknown severity"],
    "a list of sheets that does not exist": (
        "sheets.toml",
        "serial_headings",
        "serial_heading",
        "sheets.toml, key: 'serial_heading' is not known; did you mean "
        "'serial_headings'?",
    ),
}


def test_reasons_that_list_nobody_are_refused(tmp_path):
    folder = copy_registry(tmp_path)
    file = folder / "priorities.toml"
    text = re.sub(r"lists_from = .*", "", file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    with pytest.raises(RegistryError, match=r"no reason has lists_from"):
        load_registry(folder)


def test_ten_broken_places_give_ten_faults_in_one_run(tmp_path):
    folder = copy_registry(tmp_path)
    for file, before, after, _ in TEN_FAULTS.values():
        text = (folder / file).read_text("utf-8")
        assert before in text
        (folder / file).write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(RegistryError) as refusal:
        load_registry(folder)
    faults = list(refusal.value.faults)
    assert len(faults) == len(TEN_FAULTS) == 10, faults
    for *_, sentence in TEN_FAULTS.values():
        assert sum(sentence in fault for fault in faults) == 1, sentence
    assert str(refusal.value).splitlines() == faults


@pytest.mark.parametrize(
    ("file", "key"),
    [("metrics/topics", "metric"), ("tables/roll", "column"), ("places", "unit")],
)
def test_a_list_written_with_one_bracket_is_refused(file, key, tmp_path):
    folder = copy_registry(tmp_path)
    path = folder / f"{file}.toml"
    head, *blocks = re.split(r"(?m)^(?=\[)", path.read_text("utf-8"))
    others = [b for b in blocks if not b.startswith(f"[[{key}]]")]
    block = next(b for b in blocks if b.startswith(f"[[{key}]]"))
    single = block.replace(f"[[{key}]]", f"[{key}]")
    path.write_text("".join([head, *others, single]), "utf-8")
    with pytest.raises(RegistryError) as refusal:
        load_registry(folder)
    assert refusal.value.faults[0] == (
        f"{file}.toml: {key!r} is a list of tables; write it with two brackets."
    )


@pytest.mark.parametrize(
    "file", ["sheets.toml", "places.toml", "calendar.toml", "rules.toml"]
)
def test_a_missing_file_is_named(file, tmp_path):
    folder = copy_registry(tmp_path)
    (folder / file).unlink()
    with pytest.raises(RegistryError, match=f"{file} is missing."):
        load_registry(folder)


@pytest.mark.parametrize("name", ["tables", "metrics"])
def test_a_folder_without_a_file_is_named(name, tmp_path):
    folder = copy_registry(tmp_path)
    shutil.rmtree(folder / name)
    with pytest.raises(RegistryError, match=f"{name} holds no TOML file"):
        load_registry(folder)


def test_a_file_of_a_name_that_sql_cannot_take_is_refused(tmp_path):
    folder = copy_registry(tmp_path)
    shutil.copy(folder / "tables" / "roll.toml", folder / "tables" / "Roll 2.toml")
    with pytest.raises(RegistryError, match="'Roll 2' is not a name"):
        load_registry(folder)


def test_tables_and_themes_stand_in_the_order_that_they_give():
    def in_order(folder: str) -> list[str]:
        paths = (Path(registry.__file__).parent / folder).glob("*.toml")
        heads = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in paths}

        def position(name: str) -> tuple[bool, float]:
            # What no file can bring comes after what files bring.
            head = heads[name]
            return "written_by" in head, head.get("order", math.inf)

        return sorted(heads, key=position)

    registry_ = load_registry()
    assert list(registry_.lake_tables) == in_order("tables")
    themes = dict.fromkeys(metric.theme for metric in registry_.metrics.values())
    assert list(themes) == in_order("metrics")


def test_quotes_cannot_be_believed_without_their_source(tmp_path):
    folder = copy_registry(tmp_path)
    (folder / "speech.txt").unlink()
    with pytest.raises(RegistryError, match=r"speech\.txt"):
        load_registry(folder)


def test_the_environment_chooses_the_folder(tmp_path, monkeypatch):
    folder = copy_registry(tmp_path)
    monkeypatch.setenv("COVERAGE_REGISTRY", str(folder))
    assert load_registry().folder == folder
    monkeypatch.delenv("COVERAGE_REGISTRY")
    assert load_registry().folder == registry.PACKAGE_FOLDER


def test_the_digest_tells_two_registries_apart(tmp_path):
    folder = copy_registry(tmp_path)
    assert load_registry(folder).digest == load_registry().digest
    changed = copy_registry(tmp_path / "changed")
    with open(changed / "rules.toml", "a", encoding="utf-8") as file:
        file.write("# a comment\n")
    assert load_registry(changed).digest != load_registry().digest


@pytest.mark.parametrize(
    ("dimension", "text", "code"),
    [
        ("unit", "350102", "350102"),
        ("unit", "鼓楼", "350102"),
        ("unit", "福州市鼓楼区", "350102"),
        ("unit", " 鼓 楼 区\u3000", "350102"),
        ("unit", "350182", "350112"),
        ("unit", "长乐市", "350112"),
        ("unit", "３５０１１２", "350112"),
        ("unit", "市属高校・学校", "GX"),
        ("unit", "市属高校学校", "GX"),
        ("unit", "高新区", "HTZ"),
        ("unit", "htz", "HTZ"),
        ("unit", "Gulou", "350102"),
        ("unit", "福州经济技术开发区", "350105"),
        ("unit", "开发区", None),
        ("unit", "厦门市", None),
        ("unit", "", None),
        ("sector", "两新组织", "nonpublic"),
        ("sector", "社会组织", "nonpublic"),
        ("sector", "党政机关", "organ"),
        ("sector", "城市社区", "community"),
        ("sector", "国企", "soe"),
        ("sector", "教育系统", "school"),
        ("sector", "总体", None),
        ("supervision_group", "第一督导组", "G1"),
        ("supervision_group", "g1", "G1"),
        ("supervision_group", "第五督导组", None),
    ],
)
def test_a_place_is_known_by_code_name_and_alias(dimension, text, code):
    assert load_registry().resolve(dimension, text) == code


def test_each_unit_belongs_to_the_group_of_the_contract():
    groups: dict[str, list[str]] = {}
    for unit in load_registry().units.values():
        groups.setdefault(unit.group, []).append(unit.code)
    assert {group: set(units) for group, units in groups.items()} == {
        "G1": {"350102", "350103", "350104", "350111", "350105"},
        "G2": {"350112", "350181", "350121", "350128", "HTZ"},
        "G3": {"350122", "350123", "350124", "350125", "GQ"},
        "G4": {"ZSJG", "GX", "LX"},
    }


def test_a_ledger_is_late_from_midnight_after_the_filing_day():
    calendar = load_registry().calendar
    deadline = calendar.filing_deadline("2016-12")
    assert deadline.astimezone(UTC) == datetime(2017, 1, 15, 16, tzinfo=UTC)
    assert calendar.months[0] == "2016-04"
    assert calendar.months[-1] == "2016-12"
    assert len(calendar.months) == 9


def test_a_staging_column_is_called_by_its_heading():
    registry_ = load_registry()
    assert registry_.label("n_leaders") == "领导干部数"
    assert registry_.label("n_members_ordinary") == "普通党员数"
    assert registry_.label("n_members_ordinary", "en") == "Ordinary members"
    with pytest.raises(KeyError):
        registry_.label("n_horses")


def test_what_was_loaded_cannot_be_changed():
    loaded = load_registry()
    with pytest.raises(dataclasses.FrozenInstanceError):
        loaded.digest = ""
    with pytest.raises(TypeError):
        loaded.metrics["more"] = None


def test_each_rule_that_is_a_query_has_its_file_and_each_file_its_rule():
    folder = Path(registry.__file__).parents[1] / "sql" / "checks"
    files = {path.name.split(".")[0] for path in folder.glob("*.sql*")}
    rules = {rule.id for rule in load_registry().rules if rule.kind == "query"}
    assert files == rules


# What the registry makes of the SQL


def test_every_query_of_our_own_registry_runs_on_empty_marts():
    try_queries(load_registry())


def test_a_registry_with_a_new_table_runs_on_empty_marts(tmp_path):
    try_queries(load_registry(add_table(tmp_path)))


def test_a_table_of_the_name_of_a_model_is_refused(tmp_path):
    folder = add_table(tmp_path)
    (folder / "tables" / "study_group.toml").rename(folder / "tables" / "leaf.toml")
    for name in ("metrics/study_groups.toml", "rules.toml"):
        path = folder / name
        text = path.read_text("utf-8").replace(
            'table = "study_group"', 'table = "leaf"'
        )
        path.write_text(text, "utf-8")
    with pytest.raises(RegistryError) as refusal:
        try_queries(load_registry(folder))
    assert refusal.value.faults == (
        "tables/leaf.toml: a model is called leaf; give the table another name.",
    )


def test_a_name_that_sql_keeps_for_itself_is_refused_before_anything_is_built(
    tmp_path,
):
    folder = add_table(tmp_path)
    path = folder / "tables" / "study_group.toml"
    path.write_text(path.read_text("utf-8").replace('"kind"', '"select"'), "utf-8")
    text = path.read_text("utf-8").replace("where = { kind", "where = { select")
    path.write_text(text, "utf-8")
    pages = folder / "pages.toml"
    ours, added = pages.read_text("utf-8").split('name = "study_groups"')
    added = added.replace('"kind"', '"select"')
    pages.write_text(f'{ours}name = "study_groups"{added}', "utf-8")
    with pytest.raises(RegistryError) as refusal:
        try_queries(load_registry(folder))
    said = "the query fine_leaf that the registry gives cannot run (Parser Error: "
    assert refusal.value.faults[0].startswith(said)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (
            'kinds = ["block"]',
            'kinds = ["blok"]',
            "cascade, key kinds: 'blok' is not known; did you mean 'block'?",
        ),
        (
            'led_by = "topic_1_central"',
            'led_by = "topic_1_centre"',
            "cascade, key led_by: 'topic_1_centre' is not known; did you mean "
            "'topic_1_central'?",
        ),
        (
            '{ topic = "topic_1",',
            '{ topic = "topic_9",',
            "cascade, key topic: 'topic_9' is not known; did you mean",
        ),
        ("levels = [", "level = [", "cascade: a cascade needs its levels."),
        ("note_zh =", "notes_zh =", "cascade, key: 'notes_zh' is not known"),
    ],
)
def test_a_cascade_that_names_what_there_is_not_is_refused(
    before, after, fault, tmp_path
):
    folder = copy_registry(tmp_path)
    path = folder / "pages.toml"
    pages = path.read_text("utf-8")
    assert before in pages
    path.write_text(pages.replace(before, after, 1), "utf-8")
    with pytest.raises(RegistryError) as refusal:
        load_registry(folder)
    where = "pages.toml: page organization_life, "
    assert any(message.startswith(where + fault) for message in refusal.value.faults)


@pytest.mark.parametrize(
    ("file", "named", "place"),
    [
        ("places.toml", 'name_zh = "仓山区"', "key 'unit' 350104, key 'name_zh'"),
        ("places.toml", 'name_en = "Schools"', "key 'sector' school, key 'name_en'"),
        ("metrics/topics.toml", 'label_zh = "第一专题覆盖率"', "key 'label_zh'"),
        ("tables/ledger.toml", 'heading = "党支部数"', "key 'heading'"),
        ("rules.toml", 'name_zh = "部分大于整体"', "key 'name_zh'"),
    ],
    ids=["unit", "sector", "metric", "heading", "rule"],
)
def test_a_hostile_name_is_refused_at_its_place_or_known_as_harmless(
    tmp_path, file, named, place
):
    folder = copy_registry(tmp_path)
    path = folder / file
    whole = path.read_text("utf-8")
    assert whole.count(named) >= 1
    n_refused = 0
    for text in dict.fromkeys((*TEXTS, "a\rb", "\tb")):
        escaped = json.dumps(text)
        written = named.split(" = ")[0] + f" = {escaped}"
        path.write_text(whole.replace(named, written, 1), "utf-8")
        faults = registry.reading.Faults()
        registry.reading.read_toml(path, folder, faults)
        if text in HARMLESS:
            assert faults.sentences == []
            continue
        n_refused += 1
        (sentence,) = faults.sentences
        assert sentence.startswith(f"{file}, ")
        assert place in sentence
        assert "holds" in sentence and "write it" in sentence
    assert n_refused >= 60


def test_what_is_no_code_of_a_column_stays_as_it_is_in_every_language():
    registry = load_registry()
    file = "20160712_第一督导组_台账.xlsx 台账!12"
    assert [registry.word("source", file, lang) for lang in ("zh", "en")] == [file] * 2
    assert registry.word("source", "other_code", "en") == "other_code"
    (code, *_) = registry.words("source").values()
    assert "_" not in registry.word("source", code, "en")

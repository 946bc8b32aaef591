"""The SQL stays in the part of the language that DuckDB and Spark read alike.

What is read here is the text that runs: a template is filled with the registry's names.

What is not on a list here is not used. Known to differ in silence, and therefore on no
list: qualify, ordered list aggregates, rounding casts, date_diff, hash, concat with
nulls; known to fail on one of the two: grouping of two columns, unpivot, lateral,
quantile_cont, group by all, star except, week, last(… ignore nulls) over a window.
"""

from __future__ import annotations

import re

import jinja2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp

from data_pipeline import sql_text as sql_text_module
from data_pipeline.inputs import INPUTS
from data_pipeline.models import CHECKED_ROWS, CHECKS, MODELS, models
from data_pipeline.registry import Registry, load_registry
from data_pipeline.reuse import names_read
from data_pipeline.sql_text import MEASURED, SQL, all_names, sql_text
from data_pipeline.store.snapshots import current_snapshot
from tests.new_table import add_table

NAMES = all_names(load_registry())
TEXTS = {name: sql_text(name, load_registry()) for name in NAMES}
# What stands directly in sql/, and what is made for one metric or table of such a
# template, is queried with $parameters and runs on DuckDB only.
MODEL_FOLDERS = ("staging", "marts", "checks", MEASURED)
MODEL_NAMES = [name for name in NAMES if name.split("/")[0] in MODEL_FOLDERS]

STRUCTURE = {
    exp.Alias,
    exp.Column,
    exp.CTE,
    exp.Distinct,
    exp.From,
    exp.Group,
    exp.Having,
    exp.Identifier,
    exp.Join,
    exp.Order,
    exp.Ordered,
    exp.Paren,
    exp.Select,
    exp.Star,
    exp.Table,
    exp.TableAlias,
    exp.Union,
    exp.Where,
    exp.Window,
    exp.WindowSpec,
    exp.With,
}
VALUES = {exp.Boolean, exp.DataType, exp.Literal, exp.Null}
OPERATORS = {
    exp.Add,
    exp.And,
    exp.DPipe,
    exp.EQ,
    exp.In,
    exp.GT,
    exp.GTE,
    exp.Is,
    exp.LT,
    exp.LTE,
    exp.Mul,
    exp.NEQ,
    exp.Not,
    exp.Or,
    exp.Sub,
}
FUNCTIONS = {
    exp.Case,
    exp.Cast,
    exp.Coalesce,
    exp.Count,
    exp.Greatest,
    exp.If,  # one arm of a case
    exp.Lag,
    exp.Least,
    exp.Max,
    exp.Min,
    exp.Nullif,
    exp.RowNumber,
    exp.Sum,
}
ALLOWED = STRUCTURE | VALUES | OPERATORS | FUNCTIONS
# Queries run on DuckDB only: they divide, once, compare with lists of choices, and look
# for the last value that is known.
ALLOWED_IN_QUERIES = ALLOWED | {
    exp.ArrayContains,
    exp.Concat,
    exp.Div,
    exp.IgnoreNulls,
    exp.Last,
    exp.Parameter,
    exp.Placeholder,
}
JOINS = {"inner", "left", "full outer", "cross", "semi", "anti"}


def parse(name: str, dialect: str = "duckdb") -> exp.Expression:
    statements = sqlglot.parse(TEXTS[name], dialect=dialect)
    assert len(statements) == 1, "one select a file"
    return statements[0]


def code_of(name: str) -> str:
    """The text without comments and without what stands in quotes."""
    return re.sub(r"'[^']*'", "''", re.sub(r"--[^\n]*", "", TEXTS[name]))


# Style


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_says_the_grain_or_what_is_found(name):
    first = TEXTS[name].splitlines()[0]
    start = "-- " if name.startswith("checks/") else "-- grain: "
    assert first.startswith(start)
    assert len(first) > len(start)


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_set_like_the_others(name):
    text = TEXTS[name]
    for number, line in enumerate(text.splitlines(), 1):
        assert len(line) <= 88, f"line {number} is {len(line)} characters long"
        assert line == line.rstrip(), f"line {number} ends in blanks"
        assert "\t" not in line, f"line {number} has a tab"
        indent = len(line) - len(line.lstrip(" "))
        assert indent % 4 == 0, f"line {number} is indented by {indent}"
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    code = code_of(name)
    assert ";" not in code
    assert code == code.lower(), "keywords are lower case"
    trailing = re.search(r",\s*(?:from\b|\))", code)
    assert trailing is None, f"a comma too many: {trailing}"


def test_every_model_stands_in_the_table_of_contents_and_every_check_is_run():
    registry = load_registry()
    every = (*models(registry), CHECKED_ROWS, *CHECKS)
    listed = {name for model in every for name in model.text_names(registry)}
    assert listed == set(MODEL_NAMES)
    assert len({model.name for model in MODELS}) == len(MODELS)


def test_a_model_reads_only_what_stands_above_it():
    registry = load_registry()
    # What the month before carries into a month is there before the month is made.
    known = {*INPUTS, "carried"}
    known |= {f"lake_{name}" for name in registry.lake_tables}
    for model in models(registry):
        for name in model.text_names(registry):
            tree = parse(name)
            local = {cte.alias for cte in tree.find_all(exp.CTE)}
            read = {table.name for table in tree.find_all(exp.Table)} - local
            assert read <= known, f"{name} reads {read - known}"
            # What is taken over from an earlier build hangs on these.
            assert read <= set(names_read(sql_text(name, registry)))
        known.add(model.name)


# The subset


@pytest.mark.parametrize("name", NAMES)
def test_only_what_is_on_the_list_is_used(name):
    check_subset(parse(name), ALLOWED if name in MODEL_NAMES else ALLOWED_IN_QUERIES)


def check_subset(tree: exp.Expression, allowed: set[type]) -> None:
    used = {type(node) for node in tree.walk()}
    assert not {kind.__name__ for kind in used - allowed}
    for join in tree.find_all(exp.Join):
        kind = " ".join(part for part in (join.side, join.kind) if part).lower()
        assert kind in JOINS, f"a join is one of {JOINS}, not {kind!r}"
        assert not join.args.get("using"), "say what a join compares"
    for cast in tree.find_all(exp.Cast):
        assert cast.to.sql().lower() in ("bigint", "double"), cast.sql()
    for star in tree.find_all(exp.Star):
        assert not any(star.args.values()), f"a bare star only: {star.parent.sql()}"
    for group in tree.find_all(exp.Group):
        assert set(k for k, v in group.args.items() if v) == {"expressions"}
    for last in tree.find_all(exp.Last):
        assert isinstance(last.parent, exp.IgnoreNulls)
        assert isinstance(last.parent.parent, exp.Window)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_both_engines_read_the_same_select(name):
    assert _plain(parse(name, "duckdb")) == _plain(parse(name, "spark"))


def _plain(tree: exp.Expression) -> str:
    """The tree without what the settings decide: ANSI casts; nulls, no key is one."""
    for node in list(tree.walk()):
        if isinstance(node, exp.TryCast):
            node.replace(exp.Cast(this=node.this, to=node.to))
        elif isinstance(node, exp.Ordered):
            node.set("nulls_first", None)
    return tree.sql("duckdb")


@pytest.mark.parametrize(
    "select",
    [
        "select a from t qualify row_number() over (order by a) = 1",
        "select list(a order by a) as a from t",
        "select date_diff('month', a, b) as a from t",
        "select hash(a) as a from t",
        "select quantile_cont(a, 0.5) as a from t",
        "select a, sum(b) as b from t group by all",
        "select * exclude (a) from t",
        "select columns('n_.*') from t",
        "select week(a) as a from t",
        "select cast(a as integer) as a from t",
        "select a from t join u using (a)",
        "select concat(a, b) as a from t",
        "select a / b as a from t",
        "select last(a) as a from t",
        "unpivot t on a, b into name c value d",
        "select a from t, lateral (values (1)) as u (b)",
    ],
)
def test_the_list_catches_what_is_known_to_differ(select):
    (tree,) = sqlglot.parse(select, dialect="duckdb")
    with pytest.raises(AssertionError):
        check_subset(tree, ALLOWED)


# Templates


def test_what_ran_lies_with_its_snapshot(tiny_lake):
    folder = tiny_lake / "marts" / current_snapshot(tiny_lake).id / "compiled"
    found = {
        str(path.relative_to(folder)).removesuffix(".sql"): path.read_text("utf-8")
        for path in folder.rglob("*.sql")
    }
    assert found == TEXTS


def test_a_template_holds_loops_over_names_and_nothing_else():
    """No data, no logic: a loop, its end, and the name it stands for."""
    templates = sorted(SQL.rglob("*.jinja"))
    assert templates
    for path in templates:
        text = path.read_text("utf-8")
        for tag in re.findall(r"\{%.*?%\}", text):
            assert TAG.fullmatch(tag), f"{path.name}: {tag}"
        for name in re.findall(r"\{\{.*?\}\}", text):
            assert NAME.fullmatch(name), f"{path.name}: {name}"
        assert "{#" not in text


TAG = re.compile(
    r"\{% (for \w+(, \w+)? in \w+(\.\w+)*(\[\"keys\"\]|\.items\(\))?"
    r"( if \w+ not in \([^()]*\))?|endfor|if not loop\.last|endif) %\}"
)
NAME = re.compile(r"\{\{ (\w+(\.\w+)*(\[\w+\])?|\",\" if not loop\.last) \}\}")


def test_what_a_new_table_makes_of_the_templates_is_in_the_subset(tmp_path):
    registry = load_registry(add_table(tmp_path))
    made = [name for name in all_names(registry) if name not in NAMES]
    assert made == [
        "filed_rows/model_groups_county",
        "filed_rows/study_group_share",
        "in_force_rows/study_group",
        "measured/study_group",
        "staged_rows/study_group",
        "staging/study_group",
    ]
    for name in (*made, "marts/fine_leaf", "rates/fine_leaf"):
        text = sql_text(name, registry)
        is_query = name.split("/")[0] not in MODEL_FOLDERS
        allowed = ALLOWED_IN_QUERIES if is_query else ALLOWED
        (tree,) = sqlglot.parse(text, dialect="duckdb")
        check_subset(tree, allowed)
        assert max(map(len, text.splitlines())) <= 88, name


def test_a_name_that_the_registry_does_not_give_is_an_error():
    template = sql_text_module._TEMPLATES.from_string("select {{ ledger.nothing }}")
    with pytest.raises(jinja2.UndefinedError):
        template.render(sql_text_module._names(load_registry()))


def test_marts_hold_whole_numbers_and_no_decimals(tiny_lake):
    snapshot = current_snapshot(tiny_lake)
    for model in MODELS:
        if model.is_mart:
            for path in snapshot.parts(model.name):
                for field in pq.read_schema(tiny_lake / "marts" / snapshot.id / path):
                    assert not pa.types.is_floating(field.type), f"{path}.{field}"
                    assert not pa.types.is_decimal(field.type), f"{path}.{field}"


# The lists of columns


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


@pytest.fixture(scope="module")
def counts(registry) -> tuple[str, ...]:
    """The counts of the ledger, then what is derived of them."""
    derived = (d.name for d in registry.derived.values() if d.table == "ledger")
    return (*registry.tables["ledger"].counts, *derived)


def select_of(layer: str, name: str) -> exp.Select:
    return parse(f"{layer}/{name}" if layer else name)


def test_the_ledger_holds_every_count(counts):
    assert set(counts) <= set(select_of("staging", "ledger").named_selects)


def test_every_cumulative_count_is_accumulated_and_no_other(registry):
    tree = select_of("staging", "ledger_to_date")
    cumulative = {
        column.name
        for column in registry.tables["ledger"].columns
        if column.kind == "cumulative"
    }
    added = {c.name for c in tree.find_all(exp.Column) if c.table == "carried"}
    assert added - {"unit", "reporter", "month"} == cumulative
    carried = select_of("marts", "carried").named_selects
    assert set(carried) == {"unit", "reporter", "month", *cumulative}


@pytest.fixture(scope="module")
def summed(registry) -> set[str]:
    """What is counted while rows are summed: no row has a column of that name."""
    names = {d.name for d in registry.derived.values() if d.table == "ledger_sums"}
    return names | {"n_spoke_least", "n_spoke_most"}


def test_each_pair_of_names_in_the_ledger_is_one_name(summed):
    """`sum(n_a) as n_b` would be a wrong figure that no engine notices."""
    listed = (("staging", "ledger"), ("marts", "ledger_sums"), ("marts", "carried"))
    for layer, name in listed:
        for alias in select_of(layer, name).find_all(exp.Alias):
            used = {column.name for column in alias.find_all(exp.Column)}
            used = {name for name in used if name.startswith("n_")}
            made = {"n_members_ordinary", *summed}
            if alias.alias.startswith("n_") and alias.alias not in made:
                assert used <= {alias.alias}, alias.sql()


def test_the_sums_hold_every_count_and_a_bit_of_its_own_for_its_blanks(counts):
    tree = select_of("marts", "ledger_sums")
    assert set(counts) <= set(tree.named_selects)
    for alias in tree.selects:
        if alias.alias_or_name in counts:
            assert alias.find(exp.Sum).this.name == alias.alias
    blanks = next(alias for alias in tree.selects if alias.alias_or_name == "blanks")
    bits = {
        case.find(exp.Column).name: int(case.args["ifs"][0].args["true"].name)
        for case in blanks.find_all(exp.Case)
    }
    assert bits == {name: 2**position for position, name in enumerate(counts)}
    grouped = tree.args["group"].expressions[-1]
    assert grouped.sql() == blanks.this.sql()


def test_the_long_ledger_has_a_branch_for_every_count(counts):
    tree = select_of("staging", "ledger_long")
    pairs = []
    for select in tree.find_all(exp.Select):
        given = {alias.alias: alias.this for alias in select.find_all(exp.Alias)}
        pairs.append((given["column_name"].name, given["total"].name))
    assert sorted(pairs) == sorted((name, name) for name in counts)


@pytest.mark.parametrize("topic", [1, 2, 3])
def test_the_rows_of_a_topic_are_counted_by_its_own_columns(registry, topic):
    counted = {alias.alias: alias for alias in select_of("staging", "ledger").selects}
    summed = {alias.alias: alias for alias in select_of("marts", "ledger_sums").selects}
    own = {f"n_branches_topic_{topic}", f"n_speakers_topic_{topic}", "n_members"}
    for name in (f"n_rows_topic_{topic}", f"n_rows_topic_{topic}_third"):
        assert {column.name for column in counted[name].find_all(exp.Column)} == own
        assert set(registry.derived[name].of) == own
        assert summed[name].find(exp.Sum).this.name == name


def test_the_leaf_can_pick_every_column_that_a_metric_may_name(registry, counts):
    tree = select_of("marts", "fine_leaf")
    staged: dict[str, set[str]] = {"ledger": set(counts)}
    for column in registry.derived.values():
        if column.name == "n_branches_topic_of_month":
            continue  # by then it has the name of its month's topic
        # What is counted in the sums stands beside what is summed.
        source = "ledger" if column.table == "ledger_sums" else column.table
        staged.setdefault(source, set()).add(column.name)
    pairs = next(cte for cte in tree.find_all(exp.CTE) if cte.alias == "pairs")
    found = {}
    for select in pairs.find_all(exp.Select):
        source = select.find(exp.Where).find(exp.Literal).name
        for alias in select.selects:
            if alias.alias_or_name in ("numerator", "denominator"):
                arms = {
                    arm.this.name: arm.args["true"].name
                    for arm in alias.this.args["ifs"]
                }
                assert all(name == column for name, column in arms.items())
                assert alias.this.this.name == alias.alias
                found[source, alias.alias] = set(arms)
    assert found == {
        (source, side): names
        for source, names in staged.items()
        for side in ("numerator", "denominator")
    }


@pytest.mark.parametrize("mart", ["branch_spread", "claims"])
def test_rows_can_be_asked_for_both_sides_of_every_metric_that_needs_them(
    registry, mart
):
    is_asked = {
        "branch_spread": lambda metric: metric.is_clustered,
        "claims": lambda metric: metric.verified,
    }[mart]
    asked = [m for m in registry.metrics.values() if is_asked(m) and not m.remembers]
    arms = [
        (arm.this.name, arm.args["true"].name)
        for case in select_of("marts", mart).find_all(exp.Case)
        if case.this
        for arm in case.args["ifs"]
    ]
    sides = {side for m in asked for side in (m.numerator, m.denominator)}
    # Once as what is divided, once as what it is divided by.
    assert sorted(arms) == sorted(2 * [(name, name) for name in sides])


def test_the_rows_behind_a_figure_show_every_count(registry):
    shown = select_of("", "ledger_rows").named_selects
    assert set(registry.tables["ledger"].counts) <= set(shown)
    assert "note" not in shown, "remarks are never exported"


def test_what_checks_find_has_a_branch_for_every_metric_that_is_verified(registry):
    tree = select_of("marts", "random_found")
    named = {
        alias.this.name
        for alias in tree.find_all(exp.Alias)
        if alias.alias == "column_name"
    }
    wanted = {m.verified.column for m in registry.metrics.values() if m.verified}
    assert named - {""} == wanted


@pytest.mark.parametrize("model", CHECKS, ids=lambda model: model.name)
def test_every_check_returns_the_same_columns(model):
    assert parse(f"checks/{model.name}").named_selects == [
        "rule",
        "month",
        "unit",
        "sector",
        "branch",
        "column_name",
        "total",
        "other_name",
        "other_total",
        "source_file",
        "source_sheet",
        "source_row",
    ]

"""上报: nothing before the button, once after it, and back again by a withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_pipeline.rates import open_marts, read_rates
from data_pipeline.registry import load_registry
from data_pipeline.store.ingest import ingest_files
from data_pipeline.store.lake import Lake
from tests.pages.drawn import read, tables_of, written_table
from tests.shared_lakes import files_of
from tests.submitted_rows import instant, ledger_row, submit
from tests.tiny_city import ORGANS, build_tiny_city, write_workbook
from ui.lake import LAKE_VARIABLE

PROJECT = Path(__file__).resolve().parents[2]
PAGE = "pages/trust/submissions.py"
MONTH = "2016-07"
TYPE = "application/octet-stream"
SAID = ("error", "warning", "info", "success", "markdown", "caption")


@pytest.fixture
def lake(copy_lake) -> Path:
    return copy_lake(build_tiny_city)


@pytest.fixture
def draw(lake, monkeypatch) -> Callable[..., AppTest]:
    monkeypatch.setenv(LAKE_VARIABLE, str(lake))

    def run(**query: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=300)
        for name, value in query.items():
            app.query_params[name] = value
        app.switch_page(PAGE).run()
        assert not app.exception
        return app

    return run


def july(folder: Path, topic_2: object = 2) -> bytes:
    """July of 市直机关: two branches held the second topic in it, as it was filed."""
    row = list(ORGANS[MONTH][0])
    row[12] = topic_2
    write_workbook(folder / "07.xlsx", "台账", [tuple(row)], "口径: 当月")
    return (folder / "07.xlsx").read_bytes()


def said(app: AppTest) -> str:
    return read("\n".join(e.value for kind in SAID for e in app.get(kind)))


def offered(app: AppTest) -> list[str]:
    return [b.key for b in app.button if (b.key or "").startswith("confirm-")]


def choose(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(*file, TYPE) for file in files]).run()
    assert not app.exception
    return app


def n_filed(lake: Path) -> int:
    return len(Lake(lake).submissions())


def topic_2(lake: Path) -> int:
    query = {"where": {"unit": ["ZSJG"]}, "months": [MONTH]}
    return read_rates(open_marts(lake), "topic_2_coverage", **query).numerator[0]


def test_looked_at_confirmed_once_and_withdrawn(draw, lake, tmp_path):
    before = files_of(lake)
    app = choose(
        draw(),
        ("<b>七月.xlsx", july(tmp_path, 1)),
        ("=坏.xlsx", july(tmp_path, "约3")),
        ("假.xlsx", b"not a workbook"),
    )
    assert files_of(lake) == before, "looking stores nothing"
    shown = said(app)
    assert "=坏.xlsx：有 1 处问题，未收" in shown
    assert "假.xlsx：有 1 处问题，未收" in shown
    assert "不能安全打开" in shown
    assert "<b>七月.xlsx：共 1 行。新增 0 行，改动 1 行" in shown
    assert "个指标数字变动" in shown
    findings = tables_of(app)[0]
    assert list(findings["位置"]) == ["台账!M4"]
    assert list(findings["代码"]) == ["E_NUMBER"]
    assert '<th scope="col" class="line"><button type="button">位置' in "".join(
        map(written_table, app.main)
    ), "where a fault is stands to the left, as words do"
    downloads = {b.key for b in app.get("download_button") if "marked" in (b.key or "")}
    assert downloads == {"marked-1"}

    # Another submission comes in between: the old button files nothing.
    (old,) = offered(app)
    with Lake(lake).writing():
        row = ledger_row(MONTH, "350181", "rural", n_branches=10, n_branches_topic_2=4)
        submit(Lake(lake), "2016-08-13", [row])
    app.button(key=old).click().run()
    assert not app.exception
    assert n_filed(lake) == 14
    assert "又有其他报送或撤回入库" in said(app)
    (new,) = offered(app)
    assert new != old

    # While another run writes, nothing is stored and nothing is lost.
    with Lake(lake).writing():
        app.button(key=new).click().run()
    assert "尚未入库，文件没有丢失" in said(app)
    assert (n_filed(lake), offered(app)) == (14, [new])

    app.button(key=new).click().run()
    assert not app.exception
    assert n_filed(lake) == 15
    filed = Lake(lake).submissions()[-1]
    assert filed.file == "<b>七月.xlsx"
    assert f"报送编号 {filed.id}" in said(app)
    assert topic_2(lake) == 1, "the marts have followed"
    # The files are still chosen: what was taken is said to be the same.
    assert not offered(app)
    assert "内容完全相同" in said(app) and "不必重复报送" in said(app)

    listed = tables_of(app)[-1]
    assert list(listed["状态"][:2]) == ["有效", "有效"]
    assert list(listed).index("状态") < list(listed).index("来源文件"), (
        "seen on a phone"
    )
    assert "撤回者" not in listed, "nothing has been withdrawn"
    # 市直机关 had filed July before: its row has been replaced.
    stood = listed.set_index("来源文件")["状态"]
    assert stood["07-市直.xlsx"] == "已被替换"

    app = draw(withdraw=filed.id)
    (form,) = [b for b in app.button if b.label == "撤回"]
    form.click().run()
    assert "请先勾选" in said(app)
    app.checkbox(key=f"sure-{filed.id}").check()
    app.text_input(key=f"reason-{filed.id}").set_value("")
    next(b for b in app.button if b.label == "撤回").click().run()
    assert "未写撤回理由" in said(app)
    assert n_filed(lake) == 15
    app.checkbox(key=f"sure-{filed.id}").check()
    app.text_input(key=f"reason-{filed.id}").set_value("填错了一栏")
    next(b for b in app.button if b.label == "撤回").click().run()
    assert not app.exception
    assert "已撤回" in said(app)
    assert (n_filed(lake), topic_2(lake)) == (16, 2)
    listed = tables_of(app)[-1].set_index("来源文件")
    row = listed.loc["<b>七月.xlsx"]
    assert (row["状态"], row["撤回者"], row["撤回理由"]) == (
        "已撤回",
        "综合组",
        "填错了一栏",
    )
    assert listed.loc["07-市直.xlsx", "状态"] == "有效"


def test_a_group_files_its_own_units_alone(draw, lake, tmp_path):
    app = choose(draw(group="G1"), ("07.xlsx", july(tmp_path)))
    assert list(tables_of(app)[0]["代码"]) == ["E_SCOPE"]
    assert not offered(app)
    assert n_filed(lake) == 13


def test_the_same_file_is_said_to_be_the_same(draw, lake, tmp_path):
    content = july(tmp_path)
    with Lake(lake).writing():
        how = {"received": instant("2016-08-20")}
        ingest_files([tmp_path / "07.xlsx"], Lake(lake), load_registry(), **how)
    app = choose(draw(), ("另一个名字.xlsx", content), ("又一份.xlsx", content))
    assert "有两份，内容相同" in said(app)
    assert "内容完全相同" in said(app) and not offered(app)
    assert "尚未计入页面数字" in said(app)
    app.button(key="build").click().run()
    assert not app.exception
    assert "尚未计入页面数字" not in said(app)
    assert n_filed(lake) == 14


def test_what_was_received_last_stands_first_whenever_it_was_entered(
    draw, lake, tmp_path
):
    july(tmp_path)
    with Lake(lake).writing():
        how = {"received": instant("2016-08-11")}
        ingest_files([tmp_path / "07.xlsx"], Lake(lake), load_registry(), **how)
    assert Lake(lake).submissions()[-1].file == "07.xlsx"
    received = list(tables_of(draw())[0]["收到时间"])
    assert received == sorted(received, reverse=True)
    assert not received[0].startswith("2016-08-11")


def test_a_broken_chain_is_a_banner_and_takes_nothing_in(draw, lake):
    entry = lake / "lake" / "manifest" / "000003.json"
    entry.write_text(entry.read_text("utf-8").replace("04-", "40-"), "utf-8")
    app = draw(lang="en")
    assert "The manifest is at fault" in said(app)
    assert "000003" in said(app)
    assert not app.file_uploader
    assert not [b for b in app.button if b.label == "Withdraw"]


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "本机时钟是"), ("en", "The clock says")]
)
def test_a_clock_that_was_set_back_is_said_where_files_are_chosen(
    draw, lake, tmp_path, lang, words
):
    with Lake(lake).writing():
        submit(Lake(lake), "2099-01-01", [ledger_row("2016-04", "350102", "rural")])
    app = choose(draw(lang=lang), ("07.xlsx", july(tmp_path, 1)))
    assert [words in error.value for error in app.error] == [True]
    assert not offered(app)


def test_the_record_names_every_entry_and_who_replaced_whom(draw, lake):
    app = draw(record="1")
    record = tables_of(app)[-1]
    assert list(record["事项"]).count("报送") == 13
    # The correction of April replaced the one row of 市直机关, and nothing else did.
    (replaced,) = record[record["事项"] == "替换"].to_dict("records")
    known = {one.id: one for one in Lake(lake).submissions()}
    assert known[replaced["报送编号"]].file == "04-市直-更正.xlsx"
    assert known[replaced["所涉报送"]].file == "04-市直.xlsx"
    assert replaced["行数"] == 1
    assert set(record["封印"]) == {one.seal for one in known.values()}

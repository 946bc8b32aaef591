"""Places × metrics of a standard page: each metric against its own line."""

from reports.figures.matrix import Anchor, Captions
from reports.standard_page.rows import describe, metric_matrix, places_title
from tests.reports.samples import REGISTRY, rates

SITES = rates(
    ("unit",),
    [
        (None, 12, 4, 0, 0),
        ("350102", 4, 1, 0, 0),
        ("350103", 3, 1, 0, 0),
        ("350104", 1, 1, 0, 0),
        ("350181", 6, 1, 0, 0),
    ],
)
OF_SECTORS = rates((), [(20, 6, 0, 0)])


def matrix(place=""):
    frames = {"demo_sites_county": SITES, "demo_sites_sector": OF_SECTORS}
    anchors = dict.fromkeys(frames, Anchor("target", 3, upper=4))
    return metric_matrix(
        frames, anchors, REGISTRY, captions=Captions("示范点"), place=place
    )


def test_the_title_says_which_unit_is_worst_most_often():
    def figures(*worst):
        counts = [(None, 20, 30, 0, 0)]
        units = ("350102", "350103", "350104")
        counts += [(unit, 5 if unit in worst else 8, 10, 0, 0) for unit in units]
        return rates(("unit",), counts)

    def title(frames, language="zh"):
        return places_title(frames, REGISTRY, language, plain="单位 × 指标")

    names = ("topic_1_coverage", "topic_2_coverage", "topic_3_coverage")
    at = (figures("350103"), figures("350103"), figures("350104"))
    frames = dict(zip(names, at, strict=True))
    assert title(frames) == "3 项可比指标中，台江区有 2 项最差"
    english = "Worst in 2 of 3 figures that can be compared: Taijiang"
    assert title(frames, "en") == english
    # A last place that is shared is nobody's, and one alone says little.
    assert title(frames | {names[0]: figures("350102", "350103")}) == "单位 × 指标"
    assert title({"topic_1_coverage": at[0]}) == "第一专题覆盖率：台江区最低，50.0 %"
    assert title({"demo_sites_sector": OF_SECTORS}) == "单位 × 指标"


def test_what_lies_in_the_span_demanded_is_level_and_what_does_not_is_not():
    rows = {row["id"]: row["cells"][0] for row in matrix()["rows"]}
    steps = {unit: rows[unit]["step"] for unit in ("350102", "350103")}
    assert steps == {"350102": 0, "350103": 0}
    assert rows["350104"]["step"] < 0 < rows["350181"]["step"]
    assert rows["350181"]["mark"] == "▲50.0%"


def test_the_scale_of_shares_stands_for_all_and_says_what_it_is_beside():
    share = rates(("unit",), [(None, 6, 10, 0, 0), ("350102", 9, 10, 0, 0)])
    frames = {"demo_sites_county": SITES, "dues_ok": share}
    city = {"dues_ok": Anchor("city", 0.6), "demo_sites_county": Anchor("city", 3.0)}
    captions = Captions("示范点")
    legend = metric_matrix(frames, city, REGISTRY, captions=captions)["legend"]
    # 50 % more sites are the third step, as are 30 points of a share.
    assert legend["name"] == "与全市之差（百分点；带 % 的以 2、10、30 % 分档）"
    assert legend["steps"][-1][1] == "▲15+"
    spans = city | {"demo_sites_county": Anchor("target", 3, upper=4)}
    legend = metric_matrix(frames, spans, REGISTRY, captions=captions)["legend"]
    beside = "全市（要求是一个范围的，与要求）"
    assert legend["name"] == f"与{beside}之差（百分点；带 % 的以 2、10、30 % 分档）"
    alone = {"demo_sites_county": SITES}
    legend = metric_matrix(alone, city, REGISTRY, "en", captions=captions)["legend"]
    assert legend["name"] == "Difference from the city (%)"


def test_a_metric_that_sectors_owe_has_the_citys_figure_and_no_cell_of_a_unit():
    city, *units = matrix()["rows"]
    assert city["kind"] == "city" and city["cells"][1]["text"] == "3.33"
    assert [row["id"] for row in units] == ["350102", "350103", "350104", "350181"]
    assert {row["cells"][1]["state"] for row in units} == {"not_due"}


def test_the_row_of_a_group_is_called_by_its_name():
    city = matrix("第二督导组")["rows"][0]
    assert city["label"] == "第二督导组"
    assert city["cells"][0]["aria"].startswith("第二督导组")
    assert matrix()["rows"][0]["label"] == "全市"


def answer(metric, whole, units, language="zh", says=lambda _: "", due=()):
    frames = rates((), [whole]), rates(("unit",), units)
    about = (REGISTRY.metrics[metric], REGISTRY, "2016-12", language)
    return describe(*frames, *about, says=says, units=due)


def test_what_stands_against_the_place_and_the_worst_unit_is_said_beside_both():
    units = [("350102", 9, 10, 0, 0), ("350181", 2, 8, 0, 0)]
    said = {(): "（3 条线索）", ("350181",): "（1 条线索）"}
    says = lambda place: said.get(tuple(place.values()), "")  # noqa: E731
    assert answer("dues_ok", (11, 18, 0, 0), units, says=says) == (
        "**党费收缴合规率 61.1 %（11 / 18，要求 100 %，3 条线索）；"
        "最低的是福清市 25.0 %（1 条线索）。**"
    )


def test_units_that_are_equally_bad_are_all_named_or_counted():
    units = [("350102", 9, 10, 0, 0), ("350181", 2, 8, 0, 0), ("350123", 1, 4, 0, 0)]
    said = answer("dues_ok", (12, 22, 0, 0), units)
    assert said.endswith("最低的是福清市 25.0 %、罗源县 25.0 %。**")
    more = [(code, 1, 4, 0, 0) for code in ("350103", "350104")]
    said = answer("dues_ok", (14, 30, 0, 0), [*units, *more])
    assert said.endswith("最低的是 4 个单位，同为 25.0 %。**")
    said = answer("dues_ok", (14, 30, 0, 0), [*units, *more], "en")
    assert said.endswith("lowest: 4 units, 25.0 % each.**")


def test_the_answer_says_figure_demand_and_the_worst_place_but_praises_none():
    units = [("350102", 9, 10, 0, 0), ("350181", 2, 8, 0, 0), ("HTZ", 0, 0, 0, 1)]
    assert answer("dues_ok", (11, 18, 0, 1), units) == (
        "**党费收缴合规率 61.1 %（11 / 18，要求 100 %）；最低的是福清市 25.0 %。**"
    )
    english = answer("relapse_share", (11, 18, 0, 0), units, "en")
    assert english.endswith("(11 of 18); highest: Gulou 90.0 %.**")
    owed = answer("demo_sites_county", (43, 14, 0, 0), [])
    assert owed == "**每个县区的示范点数 3.07（14 处共 43，要求 3.00–4.00）。**"
    # Of one place, or of what is neither good nor bad, no place is the worst.
    assert "最低" not in answer("dues_ok", (9, 10, 0, 0), units[:1])
    assert "最" not in answer("topic_1_central", (11, 18, 0, 0), units)
    assert answer("dues_ok", (0, 0, 0, 2), []) == ""


def test_a_unit_without_a_row_is_named_beside_the_worst_one_and_has_its_row():
    units, silent = [("350102", 9, 10, 0, 0), ("350181", 2, 8, 0, 0)], ["350128"]
    due = ["350102", "350181", *silent]
    said = answer("dues_ok", (11, 18, 0, 0), units, due=due)
    assert said.endswith("最低的是福清市 25.0 %。** 平潭县本月没有记录，未计入。")
    many = [*due, "350103", "350104", "350105"]
    english = answer("dues_ok", (11, 18, 0, 0), units, "en", due=many)
    assert english.endswith(
        " Not included: 4 units that filed nothing this month, "
        "Pingtan, Taijiang, Cangshan among them."
    )
    frames = {"dues_ok": rates(("unit",), [(None, 11, 18, 0, 0), *units])}
    frames["demo_sites_county"] = SITES
    about = {"captions": Captions("党费"), "units": due}
    anchors = dict.fromkeys(frames, Anchor("city", 0.6))
    rows = metric_matrix(frames, anchors, REGISTRY, **about)["rows"]
    cells = {row["id"]: row["cells"] for row in rows}
    assert list(cells) == ["", "350102", "350103", "350104", "350181", "350128"]
    dues, sites = cells["350128"]
    assert (dues["text"], dues["id"]) == ("无记录", "dues_ok|350128")
    # Who owes a site is said by the metric, not by who has filed one.
    assert sites["state"] == "not_due"
    assert (
        metric_matrix(frames, anchors, REGISTRY, captions=Captions("党费"))["rows"][-1][
            "id"
        ]
        == "350181"
    )

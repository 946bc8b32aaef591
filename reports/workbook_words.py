"""Words of the workbook, Chinese and English, key by key the same."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "notes": "说明",
        "data": "数据",
        "matrix": "冷热图",
        "metric": "指标",
        "formula": "算法",
        "fields": "字段",
        "quote": "依据",
        "target": "目标与期限",
        "window": "集中学习时间",
        "remark": "备注",
        "months": "统计月份",
        "by": "分组",
        "where": "筛选",
        "basis": "口径",
        "snapshot": "数据快照",
        "built_at": "生成时间",
        "as_of": "数据截至",
        "n_submissions": "采用报送",
        "submissions": "{n} 份",
        "notice": "请注意",
        "all": "全部",
        "city_only": "不分组(全市)",
        "by_date": "{day}前达到 {target}",
        "always": "始终达到 {target}",
        "none": "未规定",
        "columns": "各列含义",
        "colours": "颜色含义",
        "code": "{name}代码",
        "numerator": "分子",
        "denominator": "分母",
        "rate": "比率",
        "numerator_verified": "核实数",
        "denominator_verified": "抽查数",
        "rate_verified": "估计比率",
        "n_blank_verified": "无结论数",
        "n_blank": "空白行数",
        "n_missing": "未报数",
        "std_error": "标准误",
        "missing_share": "占全部还差",
        "cell_class": "判定",
        "points_below_target": "低于对照线(百分点)",
        "p_cold_adjusted": "冷的检验 p(校正)",
        "p_hot_adjusted": "热的检验 p(校正)",
        "lower": "区间下限",
        "upper": "区间上限",
        "reported_before": "抽查前上报",
        "n_drawn": "抽中",
        "n_unvisited": "没有回来",
        "is_registered": "已登记",
        "data_note": "数据说明",
        "is_total": "合计行",
        "total": "合计",
        "about_is_total": "写有“合计”的行是其他行之和,求和时请筛掉,以免重复计算。",
        "about_code": "稳定代码,供程序和其他表格对照。",
        "about_name": "名称,以登记册为准。",
        "about_rate": "分子 ÷ 分母,先合计后相除;分母为 0 时留空;超过 100 % 是台账有误,"
        "照实列出。",
        "about_n_blank": "分子或分母为空白而未计入的台账行数。空白不是 0。",
        "about_n_missing": "当月应报而未报的单位×领域个数。",
        "about_numerator_verified": "随机抽查中得到核实的数量。",
        "about_denominator_verified": "截至当月末有结论的随机抽查数量;"
        "定向和备检点不计。",
        "about_rate_verified": "按名册分层加权的估计,不是核实数 ÷ 抽查数;"
        "抽查不足 10 个时留空。",
        "about_n_blank_verified": "没有结论(无据)的随机抽查数。",
        "about_rate_modelled": "模型估计:抽查少的格子向全市平均靠拢;"
        "全市抽查不足 10 个时留空。",
        "about_numerator_verified_heads": "随机抽查核实的人数,以各次检查当日为准。",
        "about_denominator_verified_heads": "截至当月末随机抽查过的支部在名册上的人数;"
        "定向和备检点不计。",
        "about_rate_verified_heads": "按名册分层加权的估计;抽查不足 10 个时留空。"
        "检查以后增加的人数不在内,所以是下限;与当月上报之比看核实系数。",
        "about_missing_share": "到目标还差的个数,占全部格子之和的份额(0–1);"
        "没有目标的计到 100 %,不差的为 0。",
        "about_cell_class": "冷 = 比对照线低 5 个百分点以上,且以其规模不能用偶然解释;"
        "极冷为 15 个百分点。对照线是目标、到期之前的进度线,或所选的全市。",
        "about_points_below_target": "对照线减比率,百分点;负数为高于对照线。",
        "about_p_cold_adjusted": "单侧精确二项检验 P(X ≤ 分子 | 对照线,最高 0.99),"
        "按 Benjamini–Hochberg 在同一层的全部格子中校正。",
        "about_p_hot_adjusted": "单侧精确二项检验 P(X ≥ 分子 | 全市比率),校正同上。",
        "about_std_error": "分层抽样估计的标准误(0–1)。",
        "about_lower": "95 % 区间下限。",
        "about_upper": "95 % 区间上限。",
        "about_reported_before": "抽查前最近一期台账的上报率,地方和权数相同。",
        "about_n_drawn": "登记的抽查计划为此抽中的支部,两次抽中算两个。",
        "about_n_unvisited": "抽中而没有结果回来的支部;推算假定它们与其余的一样。",
        "about_is_registered": "yes:所用抽查都在登记的抽查计划里;no:有未登记的。",
        "about_data_note": "示例数据或历史状态的标记。",
        "coloured_by": "颜色按比率与{anchor}之差分七级,与屏幕一致;橙色为热,蓝色为冷。",
        "uncoloured": "没有可比的线,不着色。",
        "step": "{words}{anchor}({range}{unit})",
        "points": " 个百分点",
        "per_cent": " %",
        "missing": "未报:当月没有收到这一格的台账",
        "over": "超过 100 %,请核对台账",
    },
    "en": {
        "notes": "Notes",
        "data": "Data",
        "matrix": "Heatmap",
        "metric": "Metric",
        "formula": "Formula",
        "fields": "Fields",
        "quote": "Required by",
        "target": "Target and due date",
        "window": "Study window",
        "remark": "Remarks",
        "months": "Months",
        "by": "Grouped by",
        "where": "Filters",
        "basis": "Basis",
        "snapshot": "Snapshot",
        "built_at": "Built at",
        "as_of": "State as of",
        "n_submissions": "Submissions used",
        "submissions": "{n}",
        "notice": "Please note",
        "all": "all",
        "city_only": "not grouped (whole city)",
        "by_date": "{target} by {day}",
        "always": "{target} at all times",
        "none": "none set",
        "columns": "What the columns mean",
        "colours": "What the colours mean",
        "code": "{name} code",
        "numerator": "Numerator",
        "denominator": "Denominator",
        "rate": "Rate",
        "numerator_verified": "Confirmed",
        "denominator_verified": "Checked",
        "rate_verified": "Estimated rate",
        "n_blank_verified": "No verdict",
        "n_blank": "Blank rows",
        "n_missing": "Not filed",
        "std_error": "Standard error",
        "missing_share": "Share of all missing",
        "cell_class": "Judged",
        "points_below_target": "Points below the line",
        "p_cold_adjusted": "p of cold (adjusted)",
        "p_hot_adjusted": "p of hot (adjusted)",
        "lower": "Lower limit",
        "upper": "Upper limit",
        "reported_before": "Reported before the checks",
        "n_drawn": "Drawn",
        "n_unvisited": "Outstanding",
        "is_registered": "Registered",
        "data_note": "Note on the data",
        "about_code": "Stable code, to match other tables.",
        "about_name": "Name as registered.",
        "about_rate": "Numerator ÷ denominator, summed first and divided last; "
        "empty where the denominator is 0; above 100 % is an error "
        "in the ledger, shown as it is.",
        "about_n_blank": "Ledger rows left out because either side is blank. Blank is "
        "not 0.",
        "about_n_missing": "Unit × sector pairs due that filed nothing for the month.",
        "about_numerator_verified": "Confirmed in random checks.",
        "about_denominator_verified": "Random checks with a verdict up to the month's "
        "end; targeted and prepared ones are left out.",
        "about_rate_verified": "Estimate weighted by stratum of the roll, not "
        "confirmed ÷ checked; empty with fewer than 10 "
        "checks.",
        "about_n_blank_verified": "Random checks without a verdict.",
        "about_rate_modelled": "Modelled: a cell with few checks leans on the "
        "city's mean; empty with fewer than 10 checks in "
        "the city.",
        "about_numerator_verified_heads": "Heads that random checks confirmed, as on "
        "the day of each check.",
        "about_denominator_verified_heads": "Heads on the roll of the branches checked "
        "at random up to the month's end; targeted and prepared ones are left out.",
        "about_rate_verified_heads": "Estimate weighted by stratum of the roll; "
        "empty with fewer than 10 checks. Heads added "
        "after a check are not in it, so it is a "
        "lower bound; for a comparison see the "
        "verification factor.",
        "about_missing_share": "What is missing to the target (or to 100 % where "
        "there is none), divided by its sum over all cells "
        "(0–1); 0 where nothing is missing.",
        "about_cell_class": "Cold = 5 points or more below the line, and further "
        "below than chance explains at this size; very cold "
        "from 15 points. The line is the target, the pace line "
        "before a due date, or the city's rate where that was "
        "chosen for comparison.",
        "about_points_below_target": "Line minus rate, in points; negative "
        "above the line.",
        "about_p_cold_adjusted": "One-sided exact binomial test P(X ≤ numerator | "
        "line, at most 0.99), adjusted by Benjamini–Hochberg over all cells of "
        "the same level.",
        "about_p_hot_adjusted": "One-sided exact binomial test P(X ≥ numerator | "
        "the city's rate), adjusted in the same way.",
        "about_std_error": "Standard error of the stratified estimate (0–1).",
        "about_lower": "Lower limit of the 95 % interval.",
        "about_upper": "Upper limit of the 95 % interval.",
        "about_reported_before": "What the last ledgers before the checks claimed, "
        "for the same places with the same weights.",
        "is_total": "Total row",
        "total": "total",
        "about_is_total": "A row marked total sums up others: filter it out before "
        "you add up, or they count twice.",
        "about_n_drawn": "Branches chosen by registered draws for this figure, "
        "once per draw.",
        "about_n_unvisited": "Drawn, but no check came back; the estimate assumes "
        "that they are like the others.",
        "about_is_registered": "yes: every check belongs to a registered draw; no: not "
        "all do.",
        "about_data_note": "Says when the data are made up or of a past state.",
        "coloured_by": "Seven colours by the rate's difference from {anchor}, as "
        "on the screen; orange is hot, blue is cold.",
        "uncoloured": "Nothing to compare with, so not coloured.",
        "step": "{words} {anchor} ({range}{unit})",
        "points": " points",
        "per_cent": " %",
        "missing": "Not filed: no ledger was received for this cell in the month",
        "over": "Over 100 %: please check the ledger",
    },
}

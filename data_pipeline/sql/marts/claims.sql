-- grain: metric that checks verify x month x unit x sector x branch; what ledgers claim
-- Of the rows of branches only those that a check reached: the others, nearly all of a
-- country's, would be summed for nothing.
select
    metric_rows.metric,
    metric_rows.month,
    metric_rows.unit,
    metric_rows.sector,
    metric_rows.branch,
    cast(sum(metric_rows.numerator) as bigint) as numerator,
    cast(sum(metric_rows.denominator) as bigint) as denominator
from metric_rows
left join reached_branches on metric_rows.branch = reached_branches.branch
where
    metric_rows.is_verified
    and (metric_rows.branch = '' or reached_branches.branch is not null)
    and metric_rows.numerator is not null
    and metric_rows.denominator > 0
group by
    metric_rows.metric,
    metric_rows.month,
    metric_rows.unit,
    metric_rows.sector,
    metric_rows.branch

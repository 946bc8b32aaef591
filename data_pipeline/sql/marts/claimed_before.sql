-- grain: month x branch reached by a random check x metric; what had been claimed of it
-- A check speaks of its day: it is held against the last ledger before it, which is the
-- branch's own row or, where its unit files totals, that of its unit and sector.
with
reached as (
    select distinct
        month,
        branch,
        unit,
        sector,
        check_date
    from random_found
),

reached_branches as (
    select distinct branch
    from reached
),

-- Of the rows of branches only those that a check reached: the others, nearly all of a
-- country's, would be summed for nothing.
stated as (
    select
        metric_rows.metric,
        metric_rows.unit,
        metric_rows.sector,
        metric_rows.branch,
        months.position,
        months.last_day,
        sum(metric_rows.numerator) as numerator,
        sum(metric_rows.denominator) as denominator
    from metric_rows
    inner join months on metric_rows.month = months.month
    left join reached_branches on metric_rows.branch = reached_branches.branch
    where
        metric_rows.is_verified
        and (metric_rows.branch = '' or reached_branches.branch is not null)
        and metric_rows.numerator is not null
        and metric_rows.denominator > 0
    group by
        metric_rows.metric,
        metric_rows.unit,
        metric_rows.sector,
        metric_rows.branch,
        months.position,
        months.last_day
),

claims as (
    select
        reached.month,
        reached.branch,
        stated.metric,
        stated.position,
        1 as is_own_row,
        stated.numerator,
        stated.denominator
    from reached
    inner join stated
        on reached.branch = stated.branch and reached.check_date > stated.last_day
    union all
    select
        reached.month,
        reached.branch,
        stated.metric,
        stated.position,
        0 as is_own_row,
        stated.numerator,
        stated.denominator
    from reached
    inner join stated
        on
            reached.unit = stated.unit
            and reached.sector = stated.sector
            and reached.check_date > stated.last_day
    where stated.branch = ''
),

ranked as (
    select
        month,
        branch,
        metric,
        numerator,
        denominator,
        row_number() over (
            partition by month, branch, metric
            order by position desc, is_own_row desc
        ) as latest
    from claims
)
select
    month,
    branch,
    metric,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator
from ranked
where latest = 1
order by metric, month, branch

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

stated as (
    select
        claims.metric,
        claims.unit,
        claims.sector,
        claims.branch,
        claims.numerator,
        claims.denominator,
        months.position,
        months.last_day
    from claims
    inner join months on claims.month = months.month
),

candidates as (
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
    from candidates
)
select
    month,
    branch,
    metric,
    numerator,
    denominator
from ranked
where latest = 1
order by metric, month, branch

-- grain: month x branch that a random check had reached by the month's end, one item
-- A check speaks of its day: it is held against the last ledger before it, of its cell.
with
claims as (
    select
        leaf.month,
        months.last_day,
        leaf.unit,
        leaf.sector,
        sum(leaf.numerator) as numerator,
        sum(leaf.denominator) as denominator
    from leaf
    inner join months on leaf.month = months.month
    where leaf.metric = $metric
    group by leaf.month, months.last_day, leaf.unit, leaf.sector
    having sum(leaf.denominator) > 0
),

earlier as (
    select
        random_found.month,
        random_found.branch,
        claims.numerator,
        claims.denominator,
        row_number() over (
            partition by random_found.month, random_found.branch
            order by claims.month desc
        ) as latest
    from random_found
    inner join claims
        on
            random_found.unit = claims.unit
            and random_found.sector = claims.sector
            and random_found.check_date > claims.last_day
    where
        random_found.column_name = $column_name
        and array_contains($months, random_found.month)
),

case_draws as (
    select
        month,
        branch,
        count(distinct draw) as n_case_draws
    from drawn
    where layer = 'case' and array_contains($months, month)
    group by month, branch
)
select
    random_found.month,
    units.supervision_group,
    random_found.unit,
    random_found.township,
    random_found.sector,
    random_found.is_weak_base as is_weak,
    coalesce(case_draws.n_case_draws, 0) as n_case_draws,
    random_found.branch,
    random_found.draw,
    roll.of_type as branch_type,
    roll.of_weak_base as is_weak_base,
    random_found.found,
    random_found.base,
    cast(earlier.numerator as double)
    / cast(earlier.denominator as double) as claimed
from random_found
inner join units on random_found.unit = units.unit
inner join roll on random_found.branch = roll.branch
left join earlier
    on
        random_found.month = earlier.month
        and random_found.branch = earlier.branch
        and earlier.latest = 1
left join case_draws
    on
        random_found.month = case_draws.month
        and random_found.branch = case_draws.branch
where
    random_found.column_name = $column_name
    and array_contains($months, random_found.month)
    and ($all_groups or array_contains($groups, units.supervision_group))
    and ($all_units or array_contains($units, random_found.unit))
    and ($all_townships or array_contains($townships, random_found.township))
    and ($all_sectors or array_contains($sectors, random_found.sector))
order by random_found.month, random_found.branch

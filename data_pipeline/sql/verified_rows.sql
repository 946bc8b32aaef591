-- grain: month x branch that a random check had reached by the month's end, one item
with
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
    cast(claimed_before.numerator as double)
    / cast(claimed_before.denominator as double) as claimed
from random_found
inner join units on random_found.unit = units.unit
inner join roll on random_found.branch = roll.branch
left join claimed_before
    on
        random_found.month = claimed_before.month
        and random_found.branch = claimed_before.branch
        and claimed_before.metric = $metric
left join case_draws
    on
        random_found.month = case_draws.month
        and random_found.branch = case_draws.branch
where
    random_found.column_name = $column_name
    and array_contains($months, random_found.month)
order by random_found.month, random_found.branch

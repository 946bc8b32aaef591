-- grain: branch on the roll, with the draws by $month in which it was an open case
with
case_draws as (
    select
        branch,
        count(distinct draw) as n_case_draws
    from drawn
    where layer = 'case' and month = $month
    group by branch
)
select
    roll.branch,
    roll.branch_name,
    units.supervision_group,
    roll.unit,
    roll.township,
    roll.sector,
    roll.branch_type,
    roll.n_members,
    roll.n_leaders,
    coalesce(roll.is_weak_base, false) as is_weak,
    coalesce(case_draws.n_case_draws, 0) as n_case_draws
from roll
inner join units on roll.unit = units.unit
left join case_draws on roll.branch = case_draws.branch
where
    ($all_groups or array_contains($groups, units.supervision_group))
    and ($all_units or array_contains($units, roll.unit))
    and ($all_townships or array_contains($townships, roll.township))
    and ($all_sectors or array_contains($sectors, roll.sector))
order by roll.branch

-- grain: branch on the roll
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
    coalesce(roll.is_weak_base, false) as is_weak
from roll
inner join units on roll.unit = units.unit
where
    ($all_groups or array_contains($groups, units.supervision_group))
    and ($all_units or array_contains($units, roll.unit))
    and ($all_townships or array_contains($townships, roll.township))
    and ($all_sectors or array_contains($sectors, roll.sector))
order by roll.branch

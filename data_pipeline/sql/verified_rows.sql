-- grain: month x branch that a random check had reached by the month's end, one item
select
    random_found.month,
    units.supervision_group,
    random_found.unit,
    random_found.township,
    random_found.sector,
    random_found.is_weak_base as is_weak,
    random_found.found,
    random_found.base
from random_found
inner join units on random_found.unit = units.unit
where
    random_found.column_name = $column_name
    and array_contains($months, random_found.month)
    and ($all_groups or array_contains($groups, units.supervision_group))
    and ($all_units or array_contains($units, random_found.unit))
    and ($all_townships or array_contains($townships, random_found.township))
    and ($all_sectors or array_contains($sectors, random_found.sector))
order by random_found.month, random_found.branch

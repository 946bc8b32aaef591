-- grain: month x place x weak base x open case x type: branches on the roll
select
    frame.month,
    units.supervision_group,
    frame.unit,
    frame.township,
    frame.sector,
    frame.is_weak_base as is_weak,
    frame.n_case_draws,
    frame.of_type as branch_type,
    frame.of_weak_base as is_weak_base,
    frame.n_branches as n_frame
from frame
inner join units on frame.unit = units.unit
where
    array_contains($months, frame.month)
    and ($all_groups or array_contains($groups, units.supervision_group))
    and ($all_units or array_contains($units, frame.unit))
    and ($all_townships or array_contains($townships, frame.township))
    and ($all_sectors or array_contains($sectors, frame.sector))
order by
    frame.month,
    frame.unit,
    frame.sector,
    frame.township,
    frame.is_weak_base,
    frame.n_case_draws,
    frame.of_type,
    frame.of_weak_base

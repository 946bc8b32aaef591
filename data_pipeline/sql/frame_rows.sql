-- grain: unit x sector x township x weak base, with the branches on the roll
select
    units.supervision_group,
    frame.unit,
    frame.township,
    frame.sector,
    frame.is_weak_base as is_weak,
    frame.n_branches as n_frame
from frame
inner join units on frame.unit = units.unit
where
    ($all_groups or array_contains($groups, units.supervision_group))
    and ($all_units or array_contains($units, frame.unit))
    and ($all_townships or array_contains($townships, frame.township))
    and ($all_sectors or array_contains($sectors, frame.sector))
order by frame.unit, frame.sector, frame.township, frame.is_weak_base

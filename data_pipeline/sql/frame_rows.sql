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
order by
    frame.month,
    frame.unit,
    frame.sector,
    frame.township,
    frame.is_weak_base,
    frame.n_case_draws,
    frame.of_type,
    frame.of_weak_base

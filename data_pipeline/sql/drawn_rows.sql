-- grain: month x draw x branch drawn by then, of draws that looked for one item
-- A draw that came back without a single verdict on the item did not look for it.
with
looked as (
    select
        month,
        draw,
        count(base) as n_verdicts
    from random_found
    where column_name = $column_name and array_contains($months, month)
    group by month, draw
),

came_back as (
    select distinct
        months.month,
        drawn_check.draw,
        drawn_check.branch
    from drawn_check
    inner join months on drawn_check.check_date <= months.last_day
    where drawn_check.is_random and array_contains($months, months.month)
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
    drawn.month,
    drawn.draw,
    drawn.branch,
    units.supervision_group,
    roll.unit,
    roll.township,
    roll.sector,
    coalesce(roll.is_weak_base, false) as is_weak,
    roll.of_type as branch_type,
    roll.of_weak_base as is_weak_base,
    coalesce(case_draws.n_case_draws, 0) as n_case_draws,
    case
        when $base = 'n_leaders' then roll.n_leaders
        when $base = 'n_members_ordinary' then roll.n_members - roll.n_leaders
        else 1
    end as base,
    came_back.branch is not null as is_returned
from drawn
inner join roll on drawn.branch = roll.branch
inner join units on roll.unit = units.unit
left join looked on drawn.month = looked.month and drawn.draw = looked.draw
left join came_back
    on
        drawn.month = came_back.month
        and drawn.draw = came_back.draw
        and drawn.branch = came_back.branch
left join case_draws
    on drawn.month = case_draws.month and drawn.branch = case_draws.branch
where
    drawn.is_drawn
    and array_contains($months, drawn.month)
    and (looked.draw is null or looked.n_verdicts > 0)
order by drawn.month, drawn.draw, drawn.branch

-- grain: month x branch that was drawn by then, for each draw in force
-- Of several draws of one month the last is in force, and each that checks came back
-- from. The layers are those that the branch had stood in by then: n_case_draws.
with
registered as (
    select
        draw,
        month,
        row_number() over (partition by month order by max(revision) desc) as latest
    from draw
    group by draw, month
),

used as (
    select distinct draw
    from drawn_check
    where standing = 'drawn' or standing = 'reserve'
),

in_force as (
    select
        registered.draw,
        registered.month
    from registered
    left join used on registered.draw = used.draw
    where registered.latest = 1 or used.draw is not null
)
select
    months.month,
    draw.draw,
    draw.branch,
    draw.place <= draw.n_drawn as is_drawn,
    draw.layer
from in_force
inner join months on in_force.month <= months.month
inner join draw on in_force.draw = draw.draw
where draw.place <= draw.n_drawn or draw.layer = 'case'

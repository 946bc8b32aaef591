-- grain: check that was filed as random, and how it stands in the register of draws
-- standing: drawn; reserve, whose predecessors all came back; unregistered, where no
-- draw is known for the month or before. Not random: not_drawn; out_of_turn, a reserve
-- whose predecessors are not accounted for; before_draw, made before the draw's month.
with
marked as (
    select
        check_filed.check_date,
        check_filed.branch,
        check_filed.supervision_group,
        check_filed.draw,
        months.month
    from check_filed
    inner join months
        on
            check_filed.check_date >= months.first_day
            and check_filed.check_date <= months.last_day
    where check_filed.selection = 'random'
),

registered as (
    select
        draw,
        month,
        max(revision) as revision
    from draw
    group by draw, month
),

named as (
    select
        marked.check_date,
        marked.branch,
        marked.supervision_group,
        marked.month,
        registered.draw,
        registered.month as draw_month,
        registered.revision
    from marked
    inner join registered on marked.draw = registered.draw
),

unnamed as (
    select
        marked.check_date,
        marked.branch,
        marked.supervision_group,
        marked.month
    from marked
    left join registered on marked.draw = registered.draw
    where registered.draw is null
),

-- A draw speaks for its month and those after it, until another is made.
latest_month as (
    select
        unnamed.check_date,
        unnamed.branch,
        unnamed.supervision_group,
        max(registered.month) as draw_month
    from unnamed
    inner join registered on unnamed.month >= registered.month
    group by unnamed.check_date, unnamed.branch, unnamed.supervision_group
),

candidates as (
    select * from named
    union all
    select
        unnamed.check_date,
        unnamed.branch,
        unnamed.supervision_group,
        unnamed.month,
        registered.draw,
        registered.month as draw_month,
        registered.revision
    from unnamed
    left join latest_month
        on
            unnamed.check_date = latest_month.check_date
            and unnamed.branch = latest_month.branch
            and unnamed.supervision_group = latest_month.supervision_group
    left join registered on latest_month.draw_month = registered.month
),

placed as (
    select
        candidates.check_date,
        candidates.branch,
        candidates.supervision_group,
        candidates.month,
        candidates.draw,
        candidates.draw_month,
        draw.unit,
        draw.sector,
        draw.layer,
        draw.place,
        draw.n_drawn,
        row_number() over (
            partition by
                candidates.check_date,
                candidates.branch,
                candidates.supervision_group
            order by
                case
                    when draw.place <= draw.n_drawn then 0
                    when draw.place is not null then 1
                    else 2
                end,
                candidates.revision desc
        ) as choice
    from candidates
    left join draw
        on candidates.draw = draw.draw and candidates.branch = draw.branch
),

chosen as (
    select *
    from placed
    where choice = 1
),

came_back as (
    select distinct
        draw,
        unit,
        sector,
        layer,
        branch,
        place
    from chosen
    where place is not null and month >= draw_month
),

in_turn as (
    select
        draw,
        branch,
        place,
        row_number() over (
            partition by draw, unit, sector, layer
            order by place
        ) as turn
    from came_back
),

judged as (
    select
        chosen.check_date,
        chosen.branch,
        chosen.supervision_group,
        coalesce(chosen.draw, '') as draw,
        case
            when chosen.draw is null then 'unregistered'
            when chosen.month < chosen.draw_month then 'before_draw'
            when chosen.place is null then 'not_drawn'
            when chosen.place <= chosen.n_drawn then 'drawn'
            when in_turn.turn = in_turn.place then 'reserve'
            else 'out_of_turn'
        end as standing
    from chosen
    left join in_turn
        on chosen.draw = in_turn.draw and chosen.branch = in_turn.branch
)
select
    check_date,
    branch,
    supervision_group,
    draw,
    standing,
    standing = 'drawn' or standing = 'reserve' or standing = 'unregistered'
        as is_random
from judged

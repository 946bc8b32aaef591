-- grain: month x branch x item, of the random check that counts at the month's end
-- Only random checks are in here, so that nothing else can enter an estimate.
with
reached as (
    select
        months.month,
        spot_check.branch,
        spot_check.check_date,
        spot_check.unit,
        spot_check.sector,
        spot_check.township,
        spot_check.is_weak_base,
        spot_check.is_announced,
        coalesce(spot_check.draw, '') as draw,
        spot_check.found_topic_1,
        spot_check.found_topic_2,
        spot_check.found_topic_3,
        spot_check.found_leaders_attended,
        spot_check.found_members_spoke,
        spot_check.n_leaders,
        spot_check.n_members_ordinary,
        row_number() over (
            partition by months.month, spot_check.branch
            order by spot_check.precedence desc
        ) as latest
    from spot_check
    inner join months on spot_check.check_date <= months.last_day
    where spot_check.selection = 'random'
),

drawn as (
    select *
    from reached
    where latest = 1
)
select
    month,
    branch,
    check_date,
    unit,
    sector,
    township,
    is_weak_base,
    is_announced,
    draw,
    'found_topic_1' as column_name,
    cast(
        case when found_topic_1 = 'yes' then 1 when found_topic_1 is not null then 0 end
        as bigint
    ) as found,
    cast(case when found_topic_1 is not null then 1 end as bigint) as base
from drawn
union all
select
    month,
    branch,
    check_date,
    unit,
    sector,
    township,
    is_weak_base,
    is_announced,
    draw,
    'found_topic_2' as column_name,
    cast(
        case when found_topic_2 = 'yes' then 1 when found_topic_2 is not null then 0 end
        as bigint
    ) as found,
    cast(case when found_topic_2 is not null then 1 end as bigint) as base
from drawn
union all
select
    month,
    branch,
    check_date,
    unit,
    sector,
    township,
    is_weak_base,
    is_announced,
    draw,
    'found_topic_3' as column_name,
    cast(
        case when found_topic_3 = 'yes' then 1 when found_topic_3 is not null then 0 end
        as bigint
    ) as found,
    cast(case when found_topic_3 is not null then 1 end as bigint) as base
from drawn
union all
select
    month,
    branch,
    check_date,
    unit,
    sector,
    township,
    is_weak_base,
    is_announced,
    draw,
    'found_leaders_attended' as column_name,
    case when n_leaders is not null then found_leaders_attended end as found,
    case when found_leaders_attended is not null then n_leaders end as base
from drawn
union all
select
    month,
    branch,
    check_date,
    unit,
    sector,
    township,
    is_weak_base,
    is_announced,
    draw,
    'found_members_spoke' as column_name,
    case when n_members_ordinary is not null then found_members_spoke end as found,
    case when found_members_spoke is not null then n_members_ordinary end as base
from drawn

-- grain: month x unit x township x sector x type x weak base, from the first check on
with
started as (
    select distinct
        months.month,
        months.last_day
    from months
    inner join spot_check on spot_check.check_date <= months.last_day
),

checked as (
    select
        started.month,
        spot_check.unit,
        spot_check.township,
        spot_check.sector,
        spot_check.of_type,
        spot_check.of_weak_base,
        count(distinct spot_check.branch) as n_branches,
        -- Nobody was told: who does not say how a check was made did not say so.
        count(
            distinct case
                when spot_check.selection = 'random' and not spot_check.is_announced
                    then spot_check.branch
            end
        ) as n_branches_unannounced
    from started
    inner join spot_check on spot_check.check_date <= started.last_day
    group by
        started.month,
        spot_check.unit,
        spot_check.township,
        spot_check.sector,
        spot_check.of_type,
        spot_check.of_weak_base
),

rolled as (
    select
        month,
        unit,
        township,
        sector,
        of_type,
        of_weak_base,
        sum(n_branches) as n_branches
    from frame
    group by month, unit, township, sector, of_type, of_weak_base
)
select
    started.month,
    rolled.unit,
    rolled.township,
    rolled.sector,
    rolled.of_type as branch_type,
    rolled.of_weak_base as is_weak_base,
    cast(coalesce(checked.n_branches, 0) as bigint) as n_branches_checked,
    cast(coalesce(checked.n_branches_unannounced, 0) as bigint)
        as n_branches_checked_unannounced,
    cast(rolled.n_branches as bigint) as n_branches_on_roll
from rolled
inner join started on rolled.month = started.month
left join checked
    on
        started.month = checked.month
        and rolled.unit = checked.unit
        and rolled.township = checked.township
        and rolled.sector = checked.sector
        and rolled.of_type = checked.of_type
        and rolled.of_weak_base = checked.of_weak_base

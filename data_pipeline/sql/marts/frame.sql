-- grain: month x unit x sector x township x weak base x open-case draws x type
-- The branches a random check draws from; each row is a stratum of its own or a part.
with
case_draws as (
    select
        month,
        branch,
        count(distinct draw) as n_case_draws
    from drawn
    where layer = 'case'
    group by month, branch
),

-- Few are drawn as open cases: the roll is counted once for all months, and these are
-- taken out of the rows that they were counted in.
on_roll as (
    select
        unit,
        sector,
        township,
        coalesce(is_weak_base, false) as is_weak_base,
        of_type,
        of_weak_base,
        count(*) as n_branches
    from roll
    group by
        unit, sector, township, coalesce(is_weak_base, false), of_type, of_weak_base
),

case_strata as (
    select
        case_draws.month,
        roll.unit,
        roll.sector,
        roll.township,
        coalesce(roll.is_weak_base, false) as is_weak_base,
        case_draws.n_case_draws,
        roll.of_type,
        roll.of_weak_base,
        count(*) as n_branches
    from case_draws
    inner join roll on case_draws.branch = roll.branch
    group by
        case_draws.month,
        roll.unit,
        roll.sector,
        roll.township,
        coalesce(roll.is_weak_base, false),
        case_draws.n_case_draws,
        roll.of_type,
        roll.of_weak_base
),

taken_out as (
    select
        month,
        unit,
        sector,
        township,
        is_weak_base,
        of_type,
        of_weak_base,
        cast(sum(n_branches) as bigint) as n_branches
    from case_strata
    group by month, unit, sector, township, is_weak_base, of_type, of_weak_base
)
select
    months.month,
    on_roll.unit,
    on_roll.sector,
    on_roll.township,
    on_roll.is_weak_base,
    cast(0 as bigint) as n_case_draws,
    on_roll.of_type,
    on_roll.of_weak_base,
    on_roll.n_branches - coalesce(taken_out.n_branches, 0) as n_branches
from on_roll
cross join months
left join taken_out
    on
        months.month = taken_out.month
        and on_roll.unit = taken_out.unit
        and on_roll.sector = taken_out.sector
        and on_roll.township = taken_out.township
        and on_roll.is_weak_base = taken_out.is_weak_base
        and on_roll.of_type = taken_out.of_type
        and on_roll.of_weak_base = taken_out.of_weak_base
where on_roll.n_branches > coalesce(taken_out.n_branches, 0)
union all
select
    month,
    unit,
    sector,
    township,
    is_weak_base,
    n_case_draws,
    of_type,
    of_weak_base,
    n_branches
from case_strata

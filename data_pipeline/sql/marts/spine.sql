-- grain: month x unit x sector x township x branch type x weak base, due or filed
-- Due is what stands on the roll; for a unit without a roll, what it filed so far.
with
filed as (
    select distinct
        month,
        unit,
        sector,
        township,
        branch_type,
        is_weak_base
    from ledger_sums
),

filed_pairs as (
    select distinct
        month,
        unit,
        sector
    from filed
),

rolled_places as (
    select distinct
        unit,
        sector,
        township,
        of_type as branch_type,
        of_weak_base as is_weak_base
    from roll
),

rolled_units as (
    select distinct unit
    from rolled_places
),

rolled as (
    select
        months.month,
        rolled_places.unit,
        rolled_places.sector,
        rolled_places.township,
        rolled_places.branch_type,
        rolled_places.is_weak_base
    from rolled_places
    cross join months
),

first_filed as (
    select
        filed.unit,
        filed.sector,
        filed.township,
        filed.branch_type,
        filed.is_weak_base,
        min(filed.month) as month
    from filed
    anti join rolled_units on filed.unit = rolled_units.unit
    group by
        filed.unit,
        filed.sector,
        filed.township,
        filed.branch_type,
        filed.is_weak_base
),

due as (
    select
        month,
        unit,
        sector,
        township,
        branch_type,
        is_weak_base
    from rolled
    union all
    select
        months.month,
        first_filed.unit,
        first_filed.sector,
        first_filed.township,
        first_filed.branch_type,
        first_filed.is_weak_base
    from first_filed
    inner join months on first_filed.month <= months.month
),

places as (
    select
        month,
        unit,
        sector,
        township,
        branch_type,
        is_weak_base
    from due
    union
    select
        month,
        unit,
        sector,
        township,
        branch_type,
        is_weak_base
    from filed
),

due_pairs as (
    select distinct
        month,
        unit,
        sector
    from due
)
select
    places.month,
    places.unit,
    places.sector,
    places.township,
    places.branch_type,
    places.is_weak_base,
    units.supervision_group,
    due_pairs.unit is not null as is_due,
    filed_pairs.unit is not null as is_filed
from places
inner join units on places.unit = units.unit
left join due_pairs
    on
        places.month = due_pairs.month
        and places.unit = due_pairs.unit
        and places.sector = due_pairs.sector
left join filed_pairs
    on
        places.month = filed_pairs.month
        and places.unit = filed_pairs.unit
        and places.sector = filed_pairs.sector
-- In order, so that what rests on it is made anew only when it says something else.
order by
    places.month,
    places.unit,
    places.sector,
    places.township,
    places.branch_type,
    places.is_weak_base

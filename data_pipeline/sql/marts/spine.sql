-- grain: month x unit x sector x township of whatever was due or filed
-- Due is what stands on the roll; for a unit without a roll, what it filed so far.
with
filed as (
    select distinct
        month,
        unit,
        sector,
        township
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
        township
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
        rolled_places.township
    from rolled_places
    cross join months
),

first_filed as (
    select
        filed.unit,
        filed.sector,
        filed.township,
        min(filed.month) as month
    from filed
    anti join rolled_units on filed.unit = rolled_units.unit
    group by filed.unit, filed.sector, filed.township
),

due as (
    select
        month,
        unit,
        sector,
        township
    from rolled
    union all
    select
        months.month,
        first_filed.unit,
        first_filed.sector,
        first_filed.township
    from first_filed
    inner join months on first_filed.month <= months.month
),

places as (
    select
        month,
        unit,
        sector,
        township
    from due
    union
    select
        month,
        unit,
        sector,
        township
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

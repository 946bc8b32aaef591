-- grain: month x unit that had something to file
-- A unit is on time when everything due of it had come by the deadline; what came later
-- leaves the first time of receipt as it was, so lateness is remembered.
with
arrivals as (
    select
        lake_ledger.month,
        lake_ledger.unit,
        lake_ledger.sector,
        min(submissions.received) as first_received,
        max(submissions.received) as last_received
    from lake_ledger
    inner join submissions on lake_ledger.sequence = submissions.sequence
    group by lake_ledger.month, lake_ledger.unit, lake_ledger.sector
),

due_pairs as (
    select distinct
        month,
        unit,
        sector
    from spine
    where is_due
)
select
    due_pairs.month,
    due_pairs.unit,
    units.supervision_group,
    months.deadline,
    min(arrivals.first_received) as first_received,
    max(arrivals.first_received) as complete_received,
    max(arrivals.last_received) as last_received,
    count(*) as n_sectors_due,
    count(arrivals.first_received) as n_sectors_filed,
    cast(1 as bigint) as n_units_due,
    cast(
        case
            when
                count(*) = count(arrivals.first_received)
                and max(arrivals.first_received) < months.deadline
                then 1
            else 0
        end as bigint
    ) as n_units_on_time
from due_pairs
inner join months on due_pairs.month = months.month
inner join units on due_pairs.unit = units.unit
left join arrivals
    on
        due_pairs.month = arrivals.month
        and due_pairs.unit = arrivals.unit
        and due_pairs.sector = arrivals.sector
-- Before its deadline a month is owed by nobody, unless all of it has come already.
group by
    due_pairs.month,
    due_pairs.unit,
    units.supervision_group,
    months.deadline,
    months.is_closed
having months.is_closed or count(*) = count(arrivals.first_received)

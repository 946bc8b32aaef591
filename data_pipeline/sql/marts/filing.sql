-- grain: month x unit that had something to file
-- A unit is on time when everything due of it had come by the deadline; what came later
-- leaves the first time of receipt as it was, so lateness is remembered.
with
due_pairs as (
    select distinct
        spine.month,
        spine.unit,
        spine.sector
    from spine
    semi join made_month on spine.month = made_month.month
    where spine.is_due
)
select
    due_pairs.month,
    due_pairs.unit,
    units.supervision_group,
    made_month.deadline,
    min(receipts.first_received) as first_received,
    max(receipts.first_received) as complete_received,
    max(receipts.last_received) as last_received,
    count(*) as n_sectors_due,
    count(receipts.first_received) as n_sectors_filed,
    cast(1 as bigint) as n_units_due,
    cast(
        case
            when
                count(*) = count(receipts.first_received)
                and max(receipts.first_received) < made_month.deadline
                then 1
            else 0
        end as bigint
    ) as n_units_on_time
from due_pairs
inner join made_month on due_pairs.month = made_month.month
inner join units on due_pairs.unit = units.unit
left join receipts
    on
        due_pairs.month = receipts.month
        and due_pairs.unit = receipts.unit
        and due_pairs.sector = receipts.sector
-- Before its deadline a month is owed by nobody, unless all of it has come already.
group by
    due_pairs.month,
    due_pairs.unit,
    units.supervision_group,
    made_month.deadline,
    made_month.is_closed
having made_month.is_closed or count(*) = count(receipts.first_received)
order by due_pairs.month, due_pairs.unit

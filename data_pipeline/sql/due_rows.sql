-- grain: month x unit x sector that was due or filed, with its times of receipt
with
places as (
    select distinct
        month,
        supervision_group,
        unit,
        sector,
        is_due
    from spine
)
select
    places.month,
    places.supervision_group,
    places.unit,
    places.sector,
    places.is_due,
    months.deadline,
    months.is_closed,
    receipts.first_received,
    receipts.last_received,
    coalesce(receipts.n_submissions, 0) as n_submissions
from places
inner join months on places.month = months.month
left join receipts
    on
        places.month = receipts.month
        and places.unit = receipts.unit
        and places.sector = receipts.sector
order by places.month, places.unit, places.sector

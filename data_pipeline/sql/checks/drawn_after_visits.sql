-- A check that a list makes random although the list was drawn on a later day.
with
registered as (
    select distinct
        draw,
        received_day
    from draw
)
select
    'drawn_after_visits' as rule,
    months.month,
    spot_check.unit,
    spot_check.sector,
    spot_check.branch,
    '' as column_name,
    cast(null as bigint) as total,
    registered.draw as other_name,
    cast(null as bigint) as other_total,
    submissions.source_file,
    spot_check.source_sheet,
    spot_check.source_row
from spot_check
inner join registered on spot_check.draw = registered.draw
inner join submissions on spot_check.sequence = submissions.sequence
inner join months
    on
        spot_check.check_date >= months.first_day
        and spot_check.check_date <= months.last_day
where
    spot_check.selection = 'random'
    and spot_check.check_date < registered.received_day
order by spot_check.check_date, spot_check.branch

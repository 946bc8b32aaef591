-- A check list registered for a month that already had one: which counts is a choice.
with
registered as (
    select
        draw,
        month,
        source_file,
        max(source_sheet) as source_sheet,
        min(source_row) as source_row,
        row_number() over (partition by month order by max(revision)) as number
    from draw
    group by draw, month, source_file
)
select
    'month_drawn_again' as rule,
    month,
    '' as unit,
    '' as sector,
    '' as branch,
    '' as column_name,
    cast(number as bigint) as total,
    draw as other_name,
    cast(null as bigint) as other_total,
    source_file,
    source_sheet,
    source_row
from registered
where number > 1
order by month, number

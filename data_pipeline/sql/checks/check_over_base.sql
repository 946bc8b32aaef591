-- A count that a check found and that exceeds what the roll says there is.
with
found as (
    select
        branch,
        unit,
        sector,
        check_date,
        'found_leaders_attended' as column_name,
        found_leaders_attended as total,
        'n_leaders' as other_name,
        n_leaders as other_total,
        sequence,
        source_sheet,
        source_row
    from spot_check
    union all
    select
        branch,
        unit,
        sector,
        check_date,
        'found_members_spoke' as column_name,
        found_members_spoke as total,
        'n_members_ordinary' as other_name,
        n_members_ordinary as other_total,
        sequence,
        source_sheet,
        source_row
    from spot_check
)
select
    'check_over_base' as rule,
    months.month,
    found.unit,
    found.sector,
    found.branch,
    found.column_name,
    found.total,
    found.other_name,
    found.other_total,
    submissions.source_file,
    found.source_sheet,
    found.source_row
from found
inner join submissions on found.sequence = submissions.sequence
inner join months
    on found.check_date >= months.first_day and found.check_date <= months.last_day
where found.total > found.other_total
order by found.check_date, found.branch, found.column_name

-- A check of a reserve before those who stand before it in the order came back.
select
    'reserve_out_of_turn' as rule,
    months.month,
    spot_check.unit,
    spot_check.sector,
    spot_check.branch,
    '' as column_name,
    cast(null as bigint) as total,
    '' as other_name,
    cast(null as bigint) as other_total,
    submissions.source_file,
    spot_check.source_sheet,
    spot_check.source_row
from spot_check
inner join submissions on spot_check.sequence = submissions.sequence
inner join months
    on
        spot_check.check_date >= months.first_day
        and spot_check.check_date <= months.last_day
where spot_check.standing = 'out_of_turn'
order by spot_check.check_date, spot_check.branch

-- A check filed as random whose branch the register of draws does not make random.
select
    'random_not_drawn' as rule,
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
where spot_check.standing = 'not_drawn' or spot_check.standing = 'before_draw'
order by spot_check.check_date, spot_check.branch

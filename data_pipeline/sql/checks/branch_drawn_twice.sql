-- A branch that was checked twice for one draw, or twice without any.
with
draws as (
    select
        spot_check.branch,
        spot_check.unit,
        spot_check.sector,
        spot_check.check_date,
        spot_check.sequence,
        spot_check.source_sheet,
        spot_check.source_row,
        row_number() over (
            partition by spot_check.branch, spot_check.draw
            order by spot_check.check_date, spot_check.revision
        ) as draw
    from spot_check
    where spot_check.selection = 'random'
)
select
    'branch_drawn_twice' as rule,
    months.month,
    draws.unit,
    draws.sector,
    draws.branch,
    '' as column_name,
    cast(draws.draw as bigint) as total,
    '' as other_name,
    cast(null as bigint) as other_total,
    submissions.source_file,
    draws.source_sheet,
    draws.source_row
from draws
inner join submissions on draws.sequence = submissions.sequence
inner join months
    on draws.check_date >= months.first_day and draws.check_date <= months.last_day
where draws.draw > 1
order by draws.check_date, draws.branch

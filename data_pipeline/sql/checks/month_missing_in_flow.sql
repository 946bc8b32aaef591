-- Month-only figures of a key whose month before is missing: the sum to date is only
-- a lower bound.
with
steps as (
    select
        ledger.month,
        ledger.unit,
        ledger.sector,
        ledger.branch,
        ledger.basis,
        ledger.sequence,
        ledger.source_sheet,
        ledger.source_row,
        months.position,
        lag(months.position) over (
            partition by ledger.unit, ledger.reporter
            order by ledger.month
        ) as position_before
    from ledger
    inner join months on ledger.month = months.month
)
select
    'month_missing_in_flow' as rule,
    steps.month,
    steps.unit,
    steps.sector,
    steps.branch,
    '' as column_name,
    cast(null as bigint) as total,
    '' as other_name,
    cast(null as bigint) as other_total,
    submissions.source_file,
    steps.source_sheet,
    steps.source_row
from steps
inner join submissions on steps.sequence = submissions.sequence
where
    steps.basis = 'month'
    and steps.position > coalesce(steps.position_before, 0) + 1
order by steps.month, steps.unit, steps.sector, steps.branch

-- A cumulative count that is lower than the last one filed before it.
with
steps as (
    select
        ledger_long.month,
        ledger_long.unit,
        ledger_long.sector,
        ledger_long.branch,
        ledger_long.column_name,
        ledger_long.total,
        ledger_long.sequence,
        ledger_long.source_sheet,
        ledger_long.source_row,
        lag(ledger_long.month) over so_far as other_name,
        lag(ledger_long.total) over so_far as other_total
    from ledger_long
    inner join cumulative_columns
        on ledger_long.column_name = cumulative_columns.column_name
    where ledger_long.total is not null
    window so_far as (
        partition by
            ledger_long.unit,
            ledger_long.reporter,
            ledger_long.column_name
        order by ledger_long.month
    )
)
select
    'cumulative_falls' as rule,
    steps.month,
    steps.unit,
    steps.sector,
    steps.branch,
    steps.column_name,
    steps.total,
    steps.other_name,
    steps.other_total,
    submissions.source_file,
    steps.source_sheet,
    steps.source_row
from steps
inner join submissions on steps.sequence = submissions.sequence
where steps.total < steps.other_total
order by steps.month, steps.unit, steps.sector, steps.branch, steps.column_name

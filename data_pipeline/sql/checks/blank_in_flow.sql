-- A count that a month-only row leaves blank while its other months give it: the sum
-- to date is only a lower bound.
with
monthly as (
    select
        ledger_long.month,
        ledger_long.unit,
        ledger_long.sector,
        ledger_long.branch,
        ledger_long.reporter,
        ledger_long.column_name,
        ledger_long.total,
        ledger_long.sequence,
        ledger_long.source_sheet,
        ledger_long.source_row
    from ledger_long
    inner join cumulative_columns
        on
            ledger_long.column_name = cumulative_columns.column_name
            and ledger_long.month >= cumulative_columns.first_month
    semi join ledger
        on
            ledger_long.unit = ledger.unit
            and ledger_long.reporter = ledger.reporter
            and ledger_long.month = ledger.month
            and ledger.basis = 'month'
),

given as (
    select distinct
        unit,
        reporter,
        column_name
    from monthly
    where total is not null
)
select
    'blank_in_flow' as rule,
    monthly.month,
    monthly.unit,
    monthly.sector,
    monthly.branch,
    monthly.column_name,
    monthly.total,
    '' as other_name,
    cast(null as bigint) as other_total,
    submissions.source_file,
    monthly.source_sheet,
    monthly.source_row
from monthly
semi join given
    on
        monthly.unit = given.unit
        and monthly.reporter = given.reporter
        and monthly.column_name = given.column_name
inner join submissions on monthly.sequence = submissions.sequence
where monthly.total is null
order by
    monthly.month, monthly.unit, monthly.sector, monthly.branch, monthly.column_name

-- A row in force that a later file of the same unit and month leaves out.
with
arrived as (
    select distinct
        arrivals.month,
        arrivals.unit,
        submissions.revision,
        submissions.source_file
    from arrivals
    inner join submissions on arrivals.sequence = submissions.sequence
),

ranked as (
    select
        month,
        unit,
        revision,
        source_file,
        row_number() over (partition by month, unit order by revision desc) as latest
    from arrived
)
select
    'left_out_later' as rule,
    ledger.month,
    ledger.unit,
    ledger.sector,
    ledger.branch,
    '' as column_name,
    cast(null as bigint) as total,
    ranked.source_file as other_name,
    cast(null as bigint) as other_total,
    submissions.source_file,
    ledger.source_sheet,
    ledger.source_row
from ledger
inner join submissions on ledger.sequence = submissions.sequence
inner join ranked
    on
        ledger.month = ranked.month
        and ledger.unit = ranked.unit
        and ranked.latest = 1
        and submissions.revision < ranked.revision
order by ledger.month, ledger.unit, ledger.sector, ledger.branch

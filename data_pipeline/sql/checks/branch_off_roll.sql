-- A ledger row of a branch that the roll of its unit does not name: filed before it.
with
units_on_roll as (
    select distinct unit
    from roll
)
select
    'branch_off_roll' as rule,
    ledger.month,
    ledger.unit,
    ledger.sector,
    ledger.branch,
    '' as column_name,
    cast(null as bigint) as total,
    '' as other_name,
    cast(null as bigint) as other_total,
    submissions.source_file,
    ledger.source_sheet,
    ledger.source_row
from ledger
semi join units_on_roll on ledger.unit = units_on_roll.unit
anti join roll on ledger.branch = roll.branch
inner join submissions on ledger.sequence = submissions.sequence
where ledger.branch <> ''
order by ledger.month, ledger.unit, ledger.sector, ledger.branch

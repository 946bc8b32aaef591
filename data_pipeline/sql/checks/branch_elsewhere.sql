-- A ledger row of a branch that stands on the roll in another unit or sector.
select
    'branch_elsewhere' as rule,
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
inner join roll on ledger.branch = roll.branch
inner join submissions on ledger.sequence = submissions.sequence
where roll.unit <> ledger.unit or roll.sector <> ledger.sector
order by ledger.month, ledger.unit, ledger.sector, ledger.branch

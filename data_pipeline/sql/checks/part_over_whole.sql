-- A part over its whole: kept out at the door, but months can add up to it.
select
    rules.rule,
    parts.month,
    parts.unit,
    parts.sector,
    parts.branch,
    parts.column_name,
    parts.total,
    wholes.column_name as other_name,
    wholes.total as other_total,
    submissions.source_file,
    parts.source_sheet,
    parts.source_row
from rules
inner join ledger_long as parts on rules.column_name = parts.column_name
inner join ledger_long as wholes
    on
        rules.other_name = wholes.column_name
        and parts.month = wholes.month
        and parts.unit = wholes.unit
        and parts.sector = wholes.sector
        and parts.branch = wholes.branch
inner join submissions on parts.sequence = submissions.sequence
where
    rules.source = 'ledger'
    and (
        (rules.kind = 'at_most' and parts.total > wholes.total)
        or (rules.kind = 'at_least' and parts.total < wholes.total)
    )
order by parts.month, parts.unit, parts.sector, parts.branch, parts.column_name

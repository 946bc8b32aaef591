-- grain: submission x month x unit x sector x basis
select
    sequence,
    month,
    unit,
    sector,
    basis,
    count(*) as n_rows,
    min(reporter) as first_reporter,
    max(reporter) as last_reporter
from ledger_filed
group by sequence, month, unit, sector, basis

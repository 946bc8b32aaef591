-- grain: submission x month x unit x sector x basis x whether its rows are of branches
-- The two kinds of reporters stand apart, since a total's begins with a slash: first
-- and last of both together would span nearly all.
select
    sequence,
    month,
    unit,
    sector,
    basis,
    branch is null as is_total,
    count(*) as n_rows,
    min(reporter) as first_reporter,
    max(reporter) as last_reporter
from ledger_filed
group by sequence, month, unit, sector, basis, branch is null

-- grain: unit; how many ledger rows were filed for it, all revisions and months
select
    unit,
    cast(sum(n_rows) as bigint) as n_rows
from arrivals
group by unit

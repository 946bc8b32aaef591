-- grain: ledger row as it was filed
-- reporter is whom the row speaks for: one branch, or all branches of a unit's sector.
-- Of one reporter's rows of a month the latest counts. No branch's code begins with a
-- slash, so that none is taken for a total row.
select
    lake_ledger.*,
    coalesce(
        lake_ledger.branch, '/' || lake_ledger.unit || '/' || lake_ledger.sector
    ) as reporter
from lake_ledger

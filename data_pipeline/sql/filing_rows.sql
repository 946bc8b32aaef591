-- grain: month x unit that had something to file
select
    month,
    unit,
    supervision_group,
    deadline,
    first_received,
    case when n_sectors_filed = n_sectors_due then complete_received end
        as complete_received,
    last_received,
    n_sectors_due,
    n_sectors_filed,
    n_units_due,
    n_units_on_time
from filing
order by month, unit

-- grain: unit x whether its rows are of branches; who filed what is asked for
select
    arrivals.unit,
    arrivals.is_total,
    min(arrivals.first_reporter) as first_reporter,
    max(arrivals.last_reporter) as last_reporter
from arrivals
inner join units on arrivals.unit = units.unit
where
    array_contains($months, arrivals.month)
    and ($all_groups or array_contains($groups, units.supervision_group))
    and ($all_units or array_contains($units, arrivals.unit))
    and ($all_sectors or array_contains($sectors, arrivals.sector))
group by arrivals.unit, arrivals.is_total

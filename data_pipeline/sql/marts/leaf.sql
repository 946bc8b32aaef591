-- grain: metric x month x unit x township x sector, what pages ask for all the time
select
    metric,
    month,
    unit,
    township,
    sector,
    supervision_group,
    cast(sum(numerator) as bigint) as numerator,
    cast(sum(denominator) as bigint) as denominator,
    cast(sum(n_blank) as bigint) as n_blank
from fine_leaf
group by metric, month, unit, township, sector, supervision_group
-- A reader asks for one metric and a few months: it skips the rest.
order by metric, month

-- grain: metric x month x unit x township x sector; additive, any roll-up is a sum of it
-- n_blank counts the ledger rows that are in neither sum because one side is blank.
with
pairs as (
    select
        metrics.metric,
        numerators.month,
        numerators.unit,
        numerators.township,
        numerators.sector,
        numerators.n_rows,
        numerators.total as numerator,
        denominators.total as denominator
    from metrics
    inner join counts_long as numerators on metrics.numerator = numerators.column_name
    inner join counts_long as denominators
        on
            metrics.denominator = denominators.column_name
            and numerators.month = denominators.month
            and numerators.unit = denominators.unit
            and numerators.township = denominators.township
            and numerators.sector = denominators.sector
            and numerators.blanks = denominators.blanks
),

sums as (
    select
        metric,
        month,
        unit,
        township,
        sector,
        sum(case when denominator is not null then numerator end) as numerator,
        sum(case when numerator is not null then denominator end) as denominator,
        sum(
            case when numerator is null or denominator is null then n_rows else 0 end
        ) as n_blank
    from pairs
    group by metric, month, unit, township, sector
)
select
    sums.metric,
    sums.month,
    sums.unit,
    sums.township,
    sums.sector,
    units.supervision_group,
    cast(coalesce(sums.numerator, 0) as bigint) as numerator,
    cast(coalesce(sums.denominator, 0) as bigint) as denominator,
    cast(sums.n_blank as bigint) as n_blank
from sums
inner join units on sums.unit = units.unit
order by sums.metric, sums.month, sums.unit, sums.sector, sums.township

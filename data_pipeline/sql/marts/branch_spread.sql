-- grain: clustered metric x month x unit x township x sector; sums over branches
-- Heads of one branch are alike, so a rate of heads is as sure as its branches let it
-- be. How alike they are shows in the squares and products of the rows of one branch;
-- a row that speaks for its sector says only how many branches its heads are of.
with
known as (
    select
        metric,
        month,
        unit,
        township,
        sector,
        numerator as x,
        denominator as n,
        case when branch = '' then 0 else 1 end as is_branch,
        case when branch = '' then coalesce(n_branches, 1) else 1 end as n_branches
    from metric_rows
    where is_clustered and numerator is not null and denominator > 0
)
select
    metric,
    month,
    unit,
    township,
    sector,
    cast(sum(n_branches) as bigint) as n_branches,
    cast(sum(n) as bigint) as n_heads,
    cast(sum(is_branch) as bigint) as n_rows,
    cast(sum(is_branch * x) as bigint) as row_numerator,
    cast(sum(is_branch * n) as bigint) as row_denominator,
    cast(sum(is_branch * x * x) as bigint) as numerator_squares,
    cast(sum(is_branch * x * n) as bigint) as products,
    cast(sum(is_branch * n * n) as bigint) as denominator_squares
from known
group by metric, month, unit, township, sector
-- A reader asks for one metric and month: it skips the rest.
order by metric, month

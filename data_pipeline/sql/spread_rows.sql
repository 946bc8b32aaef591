-- grain: unit x township x sector; what shows how alike the heads of a branch are
select
    unit,
    township,
    sector,
    n_branches,
    n_heads,
    n_rows,
    row_numerator,
    row_denominator,
    numerator_squares,
    products,
    denominator_squares
from branch_spread
where
    metric = $metric
    and month = $month
order by
    unit,
    township,
    sector

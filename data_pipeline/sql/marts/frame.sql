-- grain: unit x sector x township x weak base: the branches a random check draws from
select
    unit,
    sector,
    township,
    coalesce(is_weak_base, false) as is_weak_base,
    count(*) as n_branches
from roll
group by unit, sector, township, coalesce(is_weak_base, false)

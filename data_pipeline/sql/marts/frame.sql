-- grain: month x unit x sector x township x weak base x open-case draws x type
-- The branches a random check draws from; each row is a stratum of its own or a part.
with
case_draws as (
    select
        month,
        branch,
        count(distinct draw) as n_case_draws
    from drawn
    where layer = 'case'
    group by month, branch
)
select
    months.month,
    roll.unit,
    roll.sector,
    roll.township,
    coalesce(roll.is_weak_base, false) as is_weak_base,
    coalesce(case_draws.n_case_draws, 0) as n_case_draws,
    roll.of_type,
    roll.of_weak_base,
    count(*) as n_branches
from roll
cross join months
left join case_draws
    on roll.branch = case_draws.branch and months.month = case_draws.month
group by
    months.month,
    roll.unit,
    roll.sector,
    roll.township,
    coalesce(roll.is_weak_base, false),
    coalesce(case_draws.n_case_draws, 0),
    roll.of_type,
    roll.of_weak_base

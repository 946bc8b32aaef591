-- grain: branch, as the latest submission that names it says
with
ranked as (
    select
        lake_roll.branch,
        lake_roll.branch_name,
        lake_roll.unit,
        coalesce(lake_roll.township, '') as township,
        lake_roll.sector,
        lake_roll.branch_type,
        lake_roll.n_members,
        lake_roll.n_leaders,
        lake_roll.is_weak_base,
        row_number() over (
            partition by lake_roll.branch
            order by submissions.revision desc
        ) as latest
    from lake_roll
    inner join submissions on lake_roll.sequence = submissions.sequence
)
select
    branch,
    branch_name,
    unit,
    township,
    sector,
    branch_type,
    n_members,
    n_leaders,
    is_weak_base,
    -- What figures can be divided by; '' where the roll leaves it blank.
    coalesce(branch_type, '') as of_type,
    case when is_weak_base then 'yes' when not is_weak_base then 'no' else '' end
        as of_weak_base
from ranked
where latest = 1

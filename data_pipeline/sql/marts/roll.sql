-- grain: branch, as the latest submission that names it says
with
-- Few submissions name a branch that another one has named: only the branches of these
-- are looked at row by row.
parts as (
    select
        lake_roll.sequence,
        submissions.revision,
        min(lake_roll.branch) as first_branch,
        max(lake_roll.branch) as last_branch
    from lake_roll
    inner join submissions on lake_roll.sequence = submissions.sequence
    group by lake_roll.sequence, submissions.revision
),

later_parts as (
    select distinct later.sequence
    from parts as later
    inner join parts as earlier
        on
            later.revision > earlier.revision
            and later.first_branch <= earlier.last_branch
            and later.last_branch >= earlier.first_branch
),

named_again as (
    select distinct lake_roll.branch
    from lake_roll
    semi join later_parts on lake_roll.sequence = later_parts.sequence
),

ranked as (
    select
        lake_roll.branch,
        lake_roll.sequence,
        row_number() over (
            partition by lake_roll.branch
            order by submissions.revision desc
        ) as latest
    from lake_roll
    semi join named_again on lake_roll.branch = named_again.branch
    inner join submissions on lake_roll.sequence = submissions.sequence
),

replaced as (
    select
        branch,
        sequence
    from ranked
    where latest > 1
)
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
    -- What figures can be divided by; '' where the roll leaves it blank.
    coalesce(lake_roll.branch_type, '') as of_type,
    case
        when lake_roll.is_weak_base then 'yes'
        when not lake_roll.is_weak_base then 'no'
        else ''
    end as of_weak_base
from lake_roll
anti join replaced
    on
        lake_roll.branch = replaced.branch
        and lake_roll.sequence = replaced.sequence

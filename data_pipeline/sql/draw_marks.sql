-- grain: branch with an open case, or checked at random from $since until $until
with
marked as (
    select
        branch,
        1 as has_case,
        0 as is_recent
    from weak_case
    where status <> 'converted'
    union all
    select
        branch,
        0 as has_case,
        1 as is_recent
    from spot_check
    where selection = 'random' and check_date >= $since and check_date < $until
)
select
    branch,
    max(has_case) as has_case,
    max(is_recent) as is_recent
from marked
group by branch
order by branch

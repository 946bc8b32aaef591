-- grain: branch whose roll entry has one of the asked kinds
select roll.branch
from roll
where
    ($all_branch_types or array_contains($branch_types, roll.branch_type))
    and (
        $all_weak_bases
        or (roll.is_weak_base and array_contains($weak_bases, 'yes'))
        or (not roll.is_weak_base and array_contains($weak_bases, 'no'))
    )
order by roll.branch

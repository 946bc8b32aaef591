-- grain: the dimensions asked for; where distinct speakers are unknown, their bounds
-- Rows that count the speakers of each topic but not who has spoken at all: whoever
-- spoke twice is counted twice, so the largest topic <= distinct <= the members or the
-- sum of the topics. A topic that is blank before it opens has no speakers; blank
-- after that it may have had any. The sums hold the bounds of each row, as filed.
-- $by_*: whether the dimension is kept. $topic_*_opens: month in which it opens.
with
bounded as (
    select
        ledger_sums.month,
        units.supervision_group,
        ledger_sums.unit,
        ledger_sums.township,
        ledger_sums.sector,
        ledger_sums.branch_type,
        ledger_sums.is_weak_base,
        ledger_sums.n_rows,
        ledger_sums.n_members,
        ledger_sums.n_spoke_least,
        case
            when
                (
                    ledger_sums.n_speakers_topic_1 is null
                    and ledger_sums.month >= $topic_1_opens
                )
                or (
                    ledger_sums.n_speakers_topic_2 is null
                    and ledger_sums.month >= $topic_2_opens
                )
                or (
                    ledger_sums.n_speakers_topic_3 is null
                    and ledger_sums.month >= $topic_3_opens
                )
                then ledger_sums.n_members
            else ledger_sums.n_spoke_most
        end as n_spoke_most
    from ledger_sums
    inner join units on ledger_sums.unit = units.unit
    where
        ledger_sums.n_members_spoke is null
        and ledger_sums.n_members is not null
        and coalesce(
            ledger_sums.n_speakers_topic_1,
            ledger_sums.n_speakers_topic_2,
            ledger_sums.n_speakers_topic_3
        ) is not null
        and array_contains($months, ledger_sums.month)
        and ($all_groups or array_contains($groups, units.supervision_group))
        and ($all_units or array_contains($units, ledger_sums.unit))
        and ($all_townships or array_contains($townships, ledger_sums.township))
        and ($all_sectors or array_contains($sectors, ledger_sums.sector))
        and (
            $all_branch_types
            or array_contains($branch_types, ledger_sums.branch_type)
        )
        and ($all_weak_bases or array_contains($weak_bases, ledger_sums.is_weak_base))
        -- What does not reach a dimension is left out by it, and stays elsewhere.
        and (not $by_branch_type or ledger_sums.branch_type <> '')
        and (not $by_is_weak_base or ledger_sums.is_weak_base <> '')
),

sums as (
    select
        case when $by_month then month else '' end as month,
        case when $by_supervision_group then supervision_group else '' end
            as supervision_group,
        case when $by_unit then unit else '' end as unit,
        case when $by_township then township else '' end as township,
        case when $by_sector then sector else '' end as sector,
        case when $by_branch_type then branch_type else '' end as branch_type,
        case when $by_is_weak_base then is_weak_base else '' end as is_weak_base,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(sum(n_members) as bigint) as n_members,
        cast(sum(n_spoke_least) as bigint) as n_spoke_least,
        cast(sum(n_spoke_most) as bigint) as n_spoke_most
    from bounded
    group by 1, 2, 3, 4, 5, 6, 7
)
select
    month,
    supervision_group,
    unit,
    township,
    sector,
    branch_type,
    is_weak_base,
    n_rows,
    n_members,
    n_spoke_least,
    n_spoke_most,
    case when n_members > 0 then cast(n_spoke_least as double) / n_members end as lower,
    case when n_members > 0 then cast(n_spoke_most as double) / n_members end as upper
from sums
order by
    month,
    supervision_group,
    unit,
    township,
    sector,
    branch_type,
    is_weak_base

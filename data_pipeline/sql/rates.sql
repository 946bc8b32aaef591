-- grain: metric x the dimensions asked for; the one place where the leaf is rolled up
-- and divided
-- $by_*: whether the dimension is kept. $units ...: codes to keep, empty for all.
with
-- The fine leaf has several times the rows: only what divides a branch needs it.
told as (
    select
        metric,
        month,
        supervision_group,
        unit,
        township,
        sector,
        '' as branch_type,
        '' as is_weak_base,
        numerator,
        denominator,
        n_blank
    from leaf
    where not $is_fine
    union all
    select
        metric,
        month,
        supervision_group,
        unit,
        township,
        sector,
        branch_type,
        is_weak_base,
        numerator,
        denominator,
        n_blank
    from fine_leaf
    where $is_fine
),

sums as (
    select
        metric,
        case when $by_month then month else '' end as month,
        case when $by_supervision_group then supervision_group else '' end
            as supervision_group,
        case when $by_unit then unit else '' end as unit,
        case when $by_township then township else '' end as township,
        case when $by_sector then sector else '' end as sector,
        case when $by_branch_type then branch_type else '' end as branch_type,
        case when $by_is_weak_base then is_weak_base else '' end as is_weak_base,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(n_blank) as n_blank
    from told
    where
        array_contains($metrics, metric)
        and array_contains($months, month)
        and ($all_groups or array_contains($groups, supervision_group))
        and ($all_units or array_contains($units, unit))
        and ($all_townships or array_contains($townships, township))
        and ($all_sectors or array_contains($sectors, sector))
        and ($all_branch_types or array_contains($branch_types, branch_type))
        and ($all_weak_bases or array_contains($weak_bases, is_weak_base))
        -- What does not reach a dimension is left out by it, and stays elsewhere.
        and (not $by_branch_type or branch_type <> '')
        and (not $by_is_weak_base or is_weak_base <> '')
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

missing as (
    select
        metrics.metric,
        case when $by_month then months.month else '' end as month,
        case when $by_supervision_group then spine.supervision_group else '' end
            as supervision_group,
        case when $by_unit then spine.unit else '' end as unit,
        case when $by_township then spine.township else '' end as township,
        case when $by_sector then spine.sector else '' end as sector,
        case when $by_branch_type then spine.branch_type else '' end as branch_type,
        case when $by_is_weak_base then spine.is_weak_base else '' end as is_weak_base,
        -- A pair may lie in several townships and is still one pair.
        count(distinct concat(months.month, '|', spine.unit, '|', spine.sector))
            as n_missing
    from metrics
    -- What is remembered was missing in its own month, and is so for good.
    inner join months on metrics.remembered_month <= months.month
    inner join spine
        on
            spine.month = case
                when metrics.remembered_month = '' then months.month
                else metrics.remembered_month
            end
    where
        -- Only what is filed by unit and sector can be missing.
        array_contains($filed_metrics, metrics.metric)
        and spine.is_due
        and not spine.is_filed
        and array_contains($months, months.month)
        and ($all_groups or array_contains($groups, spine.supervision_group))
        and ($all_units or array_contains($units, spine.unit))
        and ($all_townships or array_contains($townships, spine.township))
        and ($all_sectors or array_contains($sectors, spine.sector))
        and ($all_branch_types or array_contains($branch_types, spine.branch_type))
        and ($all_weak_bases or array_contains($weak_bases, spine.is_weak_base))
        -- What does not reach a dimension is left out by it, and stays elsewhere.
        and (not $by_branch_type or spine.branch_type <> '')
        and (not $by_is_weak_base or spine.is_weak_base <> '')
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

together as (
    select
        coalesce(sums.metric, missing.metric) as metric,
        coalesce(sums.month, missing.month) as month,
        coalesce(sums.supervision_group, missing.supervision_group)
            as supervision_group,
        coalesce(sums.unit, missing.unit) as unit,
        coalesce(sums.township, missing.township) as township,
        coalesce(sums.sector, missing.sector) as sector,
        coalesce(sums.branch_type, missing.branch_type) as branch_type,
        coalesce(sums.is_weak_base, missing.is_weak_base) as is_weak_base,
        cast(coalesce(sums.numerator, 0) as bigint) as numerator,
        cast(coalesce(sums.denominator, 0) as bigint) as denominator,
        cast(coalesce(sums.n_blank, 0) as bigint) as n_blank,
        cast(coalesce(missing.n_missing, 0) as bigint) as n_missing
    from sums
    full outer join missing
        on
            sums.metric = missing.metric
            and sums.month = missing.month
            and sums.supervision_group = missing.supervision_group
            and sums.unit = missing.unit
            and sums.township = missing.township
            and sums.sector = missing.sector
            and sums.branch_type = missing.branch_type
            and sums.is_weak_base = missing.is_weak_base
)
select
    metric,
    month,
    supervision_group,
    unit,
    township,
    sector,
    branch_type,
    is_weak_base,
    numerator,
    denominator,
    case when denominator > 0 then cast(numerator as double) / denominator end as rate,
    n_blank,
    n_missing
from together
order by
    metric,
    month,
    supervision_group,
    unit,
    township,
    sector,
    branch_type,
    is_weak_base

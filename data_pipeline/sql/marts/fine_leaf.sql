-- grain: metric x month x unit x township x sector x branch type x weak base; any
-- roll-up is a sum of it
-- n_blank counts the ledger rows that are in neither sum because one side is blank.
-- What a metric remembers is the ledger of one month, repeated for good.
with
named as (
    select
        metrics.metric,
        metrics.source,
        metrics.denominator,
        metrics.remembered_month,
        months.month,
        case
            when metrics.numerator = 'n_branches_topic_of_month'
                then months.topic_column
            else metrics.numerator
        end as numerator
    from metrics
    cross join months
),

pairs as (
    select
        named.metric,
        ledger_sums.month,
        ledger_sums.unit,
        ledger_sums.township,
        ledger_sums.sector,
        ledger_sums.branch_type,
        ledger_sums.is_weak_base,
        ledger_sums.n_rows,
        case named.numerator
            when 'n_organizations' then ledger_sums.n_organizations
            when 'n_branches' then ledger_sums.n_branches
            when 'n_members' then ledger_sums.n_members
            when 'n_leaders' then ledger_sums.n_leaders
            when 'n_lectures' then ledger_sums.n_lectures
            when 'n_lectures_grassroots' then ledger_sums.n_lectures_grassroots
            when 'n_branches_topic_1' then ledger_sums.n_branches_topic_1
            when 'n_branches_topic_2' then ledger_sums.n_branches_topic_2
            when 'n_branches_topic_3' then ledger_sums.n_branches_topic_3
            when 'n_leaders_attended' then ledger_sums.n_leaders_attended
            when 'n_leaders_spoke' then ledger_sums.n_leaders_spoke
            when 'n_leader_speeches' then ledger_sums.n_leader_speeches
            when 'n_members_spoke' then ledger_sums.n_members_spoke
            when 'n_speakers_topic_1' then ledger_sums.n_speakers_topic_1
            when 'n_speakers_topic_2' then ledger_sums.n_speakers_topic_2
            when 'n_speakers_topic_3' then ledger_sums.n_speakers_topic_3
            when 'n_members_ordinary' then ledger_sums.n_members_ordinary
            when 'n_rows_topic_1' then ledger_sums.n_rows_topic_1
            when 'n_rows_topic_1_third' then ledger_sums.n_rows_topic_1_third
            when 'n_rows_topic_2' then ledger_sums.n_rows_topic_2
            when 'n_rows_topic_2_third' then ledger_sums.n_rows_topic_2_third
            when 'n_rows_topic_3' then ledger_sums.n_rows_topic_3
            when 'n_rows_topic_3_third' then ledger_sums.n_rows_topic_3_third
        end as numerator,
        case named.denominator
            when 'n_organizations' then ledger_sums.n_organizations
            when 'n_branches' then ledger_sums.n_branches
            when 'n_members' then ledger_sums.n_members
            when 'n_leaders' then ledger_sums.n_leaders
            when 'n_lectures' then ledger_sums.n_lectures
            when 'n_lectures_grassroots' then ledger_sums.n_lectures_grassroots
            when 'n_branches_topic_1' then ledger_sums.n_branches_topic_1
            when 'n_branches_topic_2' then ledger_sums.n_branches_topic_2
            when 'n_branches_topic_3' then ledger_sums.n_branches_topic_3
            when 'n_leaders_attended' then ledger_sums.n_leaders_attended
            when 'n_leaders_spoke' then ledger_sums.n_leaders_spoke
            when 'n_leader_speeches' then ledger_sums.n_leader_speeches
            when 'n_members_spoke' then ledger_sums.n_members_spoke
            when 'n_speakers_topic_1' then ledger_sums.n_speakers_topic_1
            when 'n_speakers_topic_2' then ledger_sums.n_speakers_topic_2
            when 'n_speakers_topic_3' then ledger_sums.n_speakers_topic_3
            when 'n_members_ordinary' then ledger_sums.n_members_ordinary
            when 'n_rows_topic_1' then ledger_sums.n_rows_topic_1
            when 'n_rows_topic_1_third' then ledger_sums.n_rows_topic_1_third
            when 'n_rows_topic_2' then ledger_sums.n_rows_topic_2
            when 'n_rows_topic_2_third' then ledger_sums.n_rows_topic_2_third
            when 'n_rows_topic_3' then ledger_sums.n_rows_topic_3
            when 'n_rows_topic_3_third' then ledger_sums.n_rows_topic_3_third
        end as denominator
    from ledger_sums
    inner join named on ledger_sums.month = named.month
    where
        (named.source = 'ledger' or named.source = 'ledger_sums')
        and (named.remembered_month = '' or named.remembered_month = named.month)
    union all
    select
        metrics.metric,
        filing.month,
        filing.unit,
        '' as township,
        '' as sector,
        '' as branch_type,
        '' as is_weak_base,
        1 as n_rows,
        case metrics.numerator
            when 'n_units_due' then filing.n_units_due
            when 'n_units_on_time' then filing.n_units_on_time
        end as numerator,
        case metrics.denominator
            when 'n_units_due' then filing.n_units_due
            when 'n_units_on_time' then filing.n_units_on_time
        end as denominator
    from filing
    cross join metrics
    where metrics.source = 'filing'
    union all
    select
        metrics.metric,
        checking.month,
        checking.unit,
        checking.township,
        checking.sector,
        checking.branch_type,
        checking.is_weak_base,
        1 as n_rows,
        case metrics.numerator
            when 'n_branches_checked' then checking.n_branches_checked
            when 'n_branches_checked_unannounced'
                then checking.n_branches_checked_unannounced
            when 'n_branches_on_roll' then checking.n_branches_on_roll
        end as numerator,
        case metrics.denominator
            when 'n_branches_checked' then checking.n_branches_checked
            when 'n_branches_checked_unannounced'
                then checking.n_branches_checked_unannounced
            when 'n_branches_on_roll' then checking.n_branches_on_roll
        end as denominator
    from checking
    cross join metrics
    where metrics.source = 'checking'
    union all
    select
        metrics.metric,
        rectification.month,
        rectification.unit,
        rectification.township,
        rectification.sector,
        rectification.branch_type,
        rectification.is_weak_base,
        1 as n_rows,
        case metrics.numerator
            when 'n_weak_converted' then rectification.n_weak_converted
            when 'n_weak_listed' then rectification.n_weak_listed
        end as numerator,
        case metrics.denominator
            when 'n_weak_converted' then rectification.n_weak_converted
            when 'n_weak_listed' then rectification.n_weak_listed
        end as denominator
    from rectification
    cross join metrics
    where metrics.source = 'rectification'
),

sums as (
    select
        metric,
        month,
        unit,
        township,
        sector,
        branch_type,
        is_weak_base,
        sum(case when denominator is not null then numerator end) as numerator,
        sum(case when numerator is not null then denominator end) as denominator,
        sum(
            case when numerator is null or denominator is null then n_rows else 0 end
        ) as n_blank
    from pairs
    group by metric, month, unit, township, sector, branch_type, is_weak_base
),

repeated as (
    select
        metrics.metric,
        months.month
    from metrics
    inner join months on metrics.remembered_month < months.month
    where metrics.remembered_month <> ''
),

told as (
    select *
    from sums
    union all
    select
        sums.metric,
        repeated.month,
        sums.unit,
        sums.township,
        sums.sector,
        sums.branch_type,
        sums.is_weak_base,
        sums.numerator,
        sums.denominator,
        sums.n_blank
    from sums
    inner join repeated on sums.metric = repeated.metric
)
select
    told.metric,
    told.month,
    told.unit,
    told.township,
    told.sector,
    told.branch_type,
    told.is_weak_base,
    units.supervision_group,
    cast(coalesce(told.numerator, 0) as bigint) as numerator,
    cast(coalesce(told.denominator, 0) as bigint) as denominator,
    cast(told.n_blank as bigint) as n_blank
from told
inner join units on told.unit = units.unit
-- A reader asks for one metric and a few months: it skips the rest.
order by told.metric, told.month

-- grain: as ledger_latest; cumulative counts are to date, whatever the file's basis
with
monthly_units as (
    select distinct unit
    from arrivals
    where basis = 'month'
),

mixed_units as (
    select distinct arrivals.unit
    from arrivals
    semi join monthly_units on arrivals.unit = monthly_units.unit
    where arrivals.basis <> 'month'
),

-- _flow: what the month-only rows brought so far.
flows as (
    select
        sum(case when filed.basis = 'month' then filed.n_lectures end)
            over so_far as n_lectures_flow,
        sum(case when filed.basis = 'month' then filed.n_lectures_grassroots end)
            over so_far as n_lectures_grassroots_flow,
        sum(case when filed.basis = 'month' then filed.n_branches_topic_1 end)
            over so_far as n_branches_topic_1_flow,
        sum(case when filed.basis = 'month' then filed.n_branches_topic_2 end)
            over so_far as n_branches_topic_2_flow,
        sum(case when filed.basis = 'month' then filed.n_branches_topic_3 end)
            over so_far as n_branches_topic_3_flow,
        sum(case when filed.basis = 'month' then filed.n_leaders_attended end)
            over so_far as n_leaders_attended_flow,
        sum(case when filed.basis = 'month' then filed.n_leaders_spoke end)
            over so_far as n_leaders_spoke_flow,
        sum(case when filed.basis = 'month' then filed.n_leader_speeches end)
            over so_far as n_leader_speeches_flow,
        sum(case when filed.basis = 'month' then filed.n_members_spoke end)
            over so_far as n_members_spoke_flow,
        sum(case when filed.basis = 'month' then filed.n_speakers_topic_1 end)
            over so_far as n_speakers_topic_1_flow,
        sum(case when filed.basis = 'month' then filed.n_speakers_topic_2 end)
            over so_far as n_speakers_topic_2_flow,
        sum(case when filed.basis = 'month' then filed.n_speakers_topic_3 end)
            over so_far as n_speakers_topic_3_flow,
        filed.*
    from ledger_latest as filed
    semi join monthly_units on filed.unit = monthly_units.unit
    window so_far as (
        partition by filed.unit, filed.reporter
        order by filed.month
        rows between unbounded preceding and current row
    )
),

-- A row that is to date starts anew: what follows is added to it, less what the
-- month-only rows had brought by then.
restarts as (
    select
        unit,
        reporter,
        month,
        last(
            case
                when basis <> 'month'
                    then n_lectures - coalesce(n_lectures_flow, 0)
            end
            ignore nulls
        ) over so_far as n_lectures,
        last(
            case
                when basis <> 'month'
                    then n_lectures_grassroots - coalesce(n_lectures_grassroots_flow, 0)
            end
            ignore nulls
        ) over so_far as n_lectures_grassroots,
        last(
            case
                when basis <> 'month'
                    then n_branches_topic_1 - coalesce(n_branches_topic_1_flow, 0)
            end
            ignore nulls
        ) over so_far as n_branches_topic_1,
        last(
            case
                when basis <> 'month'
                    then n_branches_topic_2 - coalesce(n_branches_topic_2_flow, 0)
            end
            ignore nulls
        ) over so_far as n_branches_topic_2,
        last(
            case
                when basis <> 'month'
                    then n_branches_topic_3 - coalesce(n_branches_topic_3_flow, 0)
            end
            ignore nulls
        ) over so_far as n_branches_topic_3,
        last(
            case
                when basis <> 'month'
                    then n_leaders_attended - coalesce(n_leaders_attended_flow, 0)
            end
            ignore nulls
        ) over so_far as n_leaders_attended,
        last(
            case
                when basis <> 'month'
                    then n_leaders_spoke - coalesce(n_leaders_spoke_flow, 0)
            end
            ignore nulls
        ) over so_far as n_leaders_spoke,
        last(
            case
                when basis <> 'month'
                    then n_leader_speeches - coalesce(n_leader_speeches_flow, 0)
            end
            ignore nulls
        ) over so_far as n_leader_speeches,
        last(
            case
                when basis <> 'month'
                    then n_members_spoke - coalesce(n_members_spoke_flow, 0)
            end
            ignore nulls
        ) over so_far as n_members_spoke,
        last(
            case
                when basis <> 'month'
                    then n_speakers_topic_1 - coalesce(n_speakers_topic_1_flow, 0)
            end
            ignore nulls
        ) over so_far as n_speakers_topic_1,
        last(
            case
                when basis <> 'month'
                    then n_speakers_topic_2 - coalesce(n_speakers_topic_2_flow, 0)
            end
            ignore nulls
        ) over so_far as n_speakers_topic_2,
        last(
            case
                when basis <> 'month'
                    then n_speakers_topic_3 - coalesce(n_speakers_topic_3_flow, 0)
            end
            ignore nulls
        ) over so_far as n_speakers_topic_3
    from flows
    semi join mixed_units on flows.unit = mixed_units.unit
    window so_far as (
        partition by unit, reporter
        order by month
        rows between unbounded preceding and current row
    )
),

together as (
    select
        ledger_latest.month,
        ledger_latest.unit,
        ledger_latest.sector,
        ledger_latest.branch,
        ledger_latest.township,
        ledger_latest.basis,
        ledger_latest.n_organizations,
        ledger_latest.n_branches,
        ledger_latest.n_members,
        ledger_latest.n_leaders,
        ledger_latest.n_lectures,
        ledger_latest.n_lectures_grassroots,
        ledger_latest.n_branches_topic_1,
        ledger_latest.n_branches_topic_2,
        ledger_latest.n_branches_topic_3,
        ledger_latest.n_leaders_attended,
        ledger_latest.n_leaders_spoke,
        ledger_latest.n_leader_speeches,
        ledger_latest.n_members_spoke,
        ledger_latest.n_speakers_topic_1,
        ledger_latest.n_speakers_topic_2,
        ledger_latest.n_speakers_topic_3,
        ledger_latest.reporter,
        ledger_latest.note,
        ledger_latest.source_sheet,
        ledger_latest.source_row,
        ledger_latest.sequence
    from ledger_latest
    anti join monthly_units on ledger_latest.unit = monthly_units.unit
    union all
    select
        flows.month,
        flows.unit,
        flows.sector,
        flows.branch,
        flows.township,
        flows.basis,
        flows.n_organizations,
        flows.n_branches,
        flows.n_members,
        flows.n_leaders,
        case
            when flows.n_lectures is not null
                then cast(
                    coalesce(flows.n_lectures_flow, 0)
                    + coalesce(restarts.n_lectures, 0)
                    as bigint
                )
        end as n_lectures,
        case
            when flows.n_lectures_grassroots is not null
                then cast(
                    coalesce(flows.n_lectures_grassroots_flow, 0)
                    + coalesce(restarts.n_lectures_grassroots, 0)
                    as bigint
                )
        end as n_lectures_grassroots,
        case
            when flows.n_branches_topic_1 is not null
                then cast(
                    coalesce(flows.n_branches_topic_1_flow, 0)
                    + coalesce(restarts.n_branches_topic_1, 0)
                    as bigint
                )
        end as n_branches_topic_1,
        case
            when flows.n_branches_topic_2 is not null
                then cast(
                    coalesce(flows.n_branches_topic_2_flow, 0)
                    + coalesce(restarts.n_branches_topic_2, 0)
                    as bigint
                )
        end as n_branches_topic_2,
        case
            when flows.n_branches_topic_3 is not null
                then cast(
                    coalesce(flows.n_branches_topic_3_flow, 0)
                    + coalesce(restarts.n_branches_topic_3, 0)
                    as bigint
                )
        end as n_branches_topic_3,
        case
            when flows.n_leaders_attended is not null
                then cast(
                    coalesce(flows.n_leaders_attended_flow, 0)
                    + coalesce(restarts.n_leaders_attended, 0)
                    as bigint
                )
        end as n_leaders_attended,
        case
            when flows.n_leaders_spoke is not null
                then cast(
                    coalesce(flows.n_leaders_spoke_flow, 0)
                    + coalesce(restarts.n_leaders_spoke, 0)
                    as bigint
                )
        end as n_leaders_spoke,
        case
            when flows.n_leader_speeches is not null
                then cast(
                    coalesce(flows.n_leader_speeches_flow, 0)
                    + coalesce(restarts.n_leader_speeches, 0)
                    as bigint
                )
        end as n_leader_speeches,
        case
            when flows.n_members_spoke is not null
                then cast(
                    coalesce(flows.n_members_spoke_flow, 0)
                    + coalesce(restarts.n_members_spoke, 0)
                    as bigint
                )
        end as n_members_spoke,
        case
            when flows.n_speakers_topic_1 is not null
                then cast(
                    coalesce(flows.n_speakers_topic_1_flow, 0)
                    + coalesce(restarts.n_speakers_topic_1, 0)
                    as bigint
                )
        end as n_speakers_topic_1,
        case
            when flows.n_speakers_topic_2 is not null
                then cast(
                    coalesce(flows.n_speakers_topic_2_flow, 0)
                    + coalesce(restarts.n_speakers_topic_2, 0)
                    as bigint
                )
        end as n_speakers_topic_2,
        case
            when flows.n_speakers_topic_3 is not null
                then cast(
                    coalesce(flows.n_speakers_topic_3_flow, 0)
                    + coalesce(restarts.n_speakers_topic_3, 0)
                    as bigint
                )
        end as n_speakers_topic_3,
        flows.reporter,
        flows.note,
        flows.source_sheet,
        flows.source_row,
        flows.sequence
    from flows
    left join restarts
        on
            flows.unit = restarts.unit
            and flows.reporter = restarts.reporter
            and flows.month = restarts.month
)
select
    together.month,
    together.unit,
    together.sector,
    coalesce(together.branch, '') as branch,
    -- Where the branch is on the roll, its township is what the roll says.
    coalesce(nullif(roll.township, ''), together.township, '') as township,
    coalesce(roll.of_type, '') as branch_type,
    coalesce(roll.of_weak_base, '') as is_weak_base,
    together.basis,
    together.n_organizations,
    together.n_branches,
    together.n_members,
    together.n_leaders,
    together.n_lectures,
    together.n_lectures_grassroots,
    together.n_branches_topic_1,
    together.n_branches_topic_2,
    together.n_branches_topic_3,
    together.n_leaders_attended,
    together.n_leaders_spoke,
    together.n_leader_speeches,
    together.n_members_spoke,
    together.n_speakers_topic_1,
    together.n_speakers_topic_2,
    together.n_speakers_topic_3,
    together.n_members - together.n_leaders as n_members_ordinary,
    -- 1 where the row held a topic, and where a third of its members spoke at it; a row
    -- that leaves one of the three counts blank is in neither.
    case
        when
            together.n_branches_topic_1 is not null
            and together.n_speakers_topic_1 is not null
            and together.n_members is not null
            then case when together.n_branches_topic_1 > 0 then 1 else 0 end
    end as n_rows_topic_1,
    case
        when
            together.n_branches_topic_1 is not null
            and together.n_speakers_topic_1 is not null
            and together.n_members is not null
            then case
                when
                    together.n_branches_topic_1 > 0
                    and 3 * together.n_speakers_topic_1 >= together.n_members
                    then 1
                else 0
            end
    end as n_rows_topic_1_third,
    case
        when
            together.n_branches_topic_2 is not null
            and together.n_speakers_topic_2 is not null
            and together.n_members is not null
            then case when together.n_branches_topic_2 > 0 then 1 else 0 end
    end as n_rows_topic_2,
    case
        when
            together.n_branches_topic_2 is not null
            and together.n_speakers_topic_2 is not null
            and together.n_members is not null
            then case
                when
                    together.n_branches_topic_2 > 0
                    and 3 * together.n_speakers_topic_2 >= together.n_members
                    then 1
                else 0
            end
    end as n_rows_topic_2_third,
    case
        when
            together.n_branches_topic_3 is not null
            and together.n_speakers_topic_3 is not null
            and together.n_members is not null
            then case when together.n_branches_topic_3 > 0 then 1 else 0 end
    end as n_rows_topic_3,
    case
        when
            together.n_branches_topic_3 is not null
            and together.n_speakers_topic_3 is not null
            and together.n_members is not null
            then case
                when
                    together.n_branches_topic_3 > 0
                    and 3 * together.n_speakers_topic_3 >= together.n_members
                    then 1
                else 0
            end
    end as n_rows_topic_3_third,
    together.reporter,
    together.note,
    together.source_sheet,
    together.source_row,
    together.sequence
from together
left join roll on together.branch = roll.branch

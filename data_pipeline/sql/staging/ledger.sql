-- grain: as ledger_latest; cumulative counts are to date, whatever the file's basis
with
-- A key with one month-only row has its whole series accumulated.
monthly as (
    select distinct
        unit,
        sector,
        branch
    from ledger_latest
    where basis = 'month'
),

series as (
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
        ledger_latest.note,
        ledger_latest.source_sheet,
        ledger_latest.source_row,
        ledger_latest.sequence,
        -- A to-date row starts anew: what follows is added to it.
        sum(case when ledger_latest.basis = 'month' then 0 else 1 end) over (
            partition by ledger_latest.unit, ledger_latest.sector, ledger_latest.branch
            order by ledger_latest.month
            rows between unbounded preceding and current row
        ) as stretch
    from ledger_latest
    semi join monthly
        on
            ledger_latest.unit = monthly.unit
            and ledger_latest.sector = monthly.sector
            and ledger_latest.branch = monthly.branch
),

accumulated as (
    select
        month,
        unit,
        sector,
        branch,
        township,
        basis,
        n_organizations,
        n_branches,
        n_members,
        n_leaders,
        case
            when n_lectures is not null
                then sum(n_lectures) over so_far
        end as n_lectures,
        case
            when n_lectures_grassroots is not null
                then sum(n_lectures_grassroots) over so_far
        end as n_lectures_grassroots,
        case
            when n_branches_topic_1 is not null
                then sum(n_branches_topic_1) over so_far
        end as n_branches_topic_1,
        case
            when n_branches_topic_2 is not null
                then sum(n_branches_topic_2) over so_far
        end as n_branches_topic_2,
        case
            when n_branches_topic_3 is not null
                then sum(n_branches_topic_3) over so_far
        end as n_branches_topic_3,
        case
            when n_leaders_attended is not null
                then sum(n_leaders_attended) over so_far
        end as n_leaders_attended,
        case
            when n_leaders_spoke is not null
                then sum(n_leaders_spoke) over so_far
        end as n_leaders_spoke,
        case
            when n_leader_speeches is not null
                then sum(n_leader_speeches) over so_far
        end as n_leader_speeches,
        case
            when n_members_spoke is not null
                then sum(n_members_spoke) over so_far
        end as n_members_spoke,
        case
            when n_speakers_topic_1 is not null
                then sum(n_speakers_topic_1) over so_far
        end as n_speakers_topic_1,
        case
            when n_speakers_topic_2 is not null
                then sum(n_speakers_topic_2) over so_far
        end as n_speakers_topic_2,
        case
            when n_speakers_topic_3 is not null
                then sum(n_speakers_topic_3) over so_far
        end as n_speakers_topic_3,
        note,
        source_sheet,
        source_row,
        sequence
    from series
    window so_far as (
        partition by unit, sector, branch, stretch
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
        ledger_latest.note,
        ledger_latest.source_sheet,
        ledger_latest.source_row,
        ledger_latest.sequence
    from ledger_latest
    anti join monthly
        on
            ledger_latest.unit = monthly.unit
            and ledger_latest.sector = monthly.sector
            and ledger_latest.branch = monthly.branch
    union all
    select
        month,
        unit,
        sector,
        branch,
        township,
        basis,
        n_organizations,
        n_branches,
        n_members,
        n_leaders,
        cast(n_lectures as bigint) as n_lectures,
        cast(n_lectures_grassroots as bigint) as n_lectures_grassroots,
        cast(n_branches_topic_1 as bigint) as n_branches_topic_1,
        cast(n_branches_topic_2 as bigint) as n_branches_topic_2,
        cast(n_branches_topic_3 as bigint) as n_branches_topic_3,
        cast(n_leaders_attended as bigint) as n_leaders_attended,
        cast(n_leaders_spoke as bigint) as n_leaders_spoke,
        cast(n_leader_speeches as bigint) as n_leader_speeches,
        cast(n_members_spoke as bigint) as n_members_spoke,
        cast(n_speakers_topic_1 as bigint) as n_speakers_topic_1,
        cast(n_speakers_topic_2 as bigint) as n_speakers_topic_2,
        cast(n_speakers_topic_3 as bigint) as n_speakers_topic_3,
        note,
        source_sheet,
        source_row,
        sequence
    from accumulated
)
select
    together.month,
    together.unit,
    together.sector,
    together.branch,
    -- Where the branch is on the roll, its township is what the roll says.
    coalesce(roll.township, together.township, '') as township,
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
    together.note,
    together.source_sheet,
    together.source_row,
    together.sequence
from together
left join roll on together.branch = roll.branch

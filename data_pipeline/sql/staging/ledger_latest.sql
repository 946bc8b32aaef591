-- grain: month x unit x sector x branch ('' = all branches), latest revision only
with
-- Few cells are ever filed twice: only theirs are looked at row by row.
contested as (
    select
        lake_ledger.month,
        lake_ledger.unit,
        lake_ledger.sector
    from lake_ledger
    group by lake_ledger.month, lake_ledger.unit, lake_ledger.sector
    having min(lake_ledger.sequence) < max(lake_ledger.sequence)
),

ranked as (
    select
        lake_ledger.month,
        lake_ledger.unit,
        lake_ledger.sector,
        coalesce(lake_ledger.branch, '') as branch,
        lake_ledger.sequence,
        row_number() over (
            partition by
                lake_ledger.month,
                lake_ledger.unit,
                lake_ledger.sector,
                coalesce(lake_ledger.branch, '')
            order by submissions.revision desc
        ) as latest
    from lake_ledger
    semi join contested
        on
            lake_ledger.month = contested.month
            and lake_ledger.unit = contested.unit
            and lake_ledger.sector = contested.sector
    inner join submissions on lake_ledger.sequence = submissions.sequence
),

superseded as (
    select
        month,
        unit,
        sector,
        branch,
        sequence
    from ranked
    where latest > 1
)
select
    lake_ledger.month,
    lake_ledger.unit,
    lake_ledger.sector,
    coalesce(lake_ledger.branch, '') as branch,
    lake_ledger.township,
    lake_ledger.basis,
    lake_ledger.n_organizations,
    lake_ledger.n_branches,
    lake_ledger.n_members,
    lake_ledger.n_leaders,
    lake_ledger.n_lectures,
    lake_ledger.n_lectures_grassroots,
    lake_ledger.n_branches_topic_1,
    lake_ledger.n_branches_topic_2,
    lake_ledger.n_branches_topic_3,
    lake_ledger.n_leaders_attended,
    lake_ledger.n_leaders_spoke,
    lake_ledger.n_leader_speeches,
    lake_ledger.n_members_spoke,
    lake_ledger.n_speakers_topic_1,
    lake_ledger.n_speakers_topic_2,
    lake_ledger.n_speakers_topic_3,
    lake_ledger.note,
    lake_ledger.source_sheet,
    lake_ledger.source_row,
    lake_ledger.sequence
from lake_ledger
anti join superseded
    on
        lake_ledger.month = superseded.month
        and lake_ledger.unit = superseded.unit
        and lake_ledger.sector = superseded.sector
        and coalesce(lake_ledger.branch, '') = superseded.branch
        and lake_ledger.sequence = superseded.sequence

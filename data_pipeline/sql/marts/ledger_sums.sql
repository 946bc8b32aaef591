-- grain: month x unit x township x sector x branch type x weak base x blank counts
-- Inside one pattern of blanks a count is known in every row or in none, so that any
-- pair of columns can be summed over the rows that know both without reading the rows.
select
    ledger.month,
    ledger.unit,
    ledger.township,
    ledger.sector,
    ledger.branch_type,
    ledger.is_weak_base,
    (
        case when ledger.n_organizations is null then 1 else 0 end
        + case when ledger.n_branches is null then 2 else 0 end
        + case when ledger.n_members is null then 4 else 0 end
        + case when ledger.n_leaders is null then 8 else 0 end
        + case when ledger.n_lectures is null then 16 else 0 end
        + case when ledger.n_lectures_grassroots is null then 32 else 0 end
        + case when ledger.n_branches_topic_1 is null then 64 else 0 end
        + case when ledger.n_branches_topic_2 is null then 128 else 0 end
        + case when ledger.n_branches_topic_3 is null then 256 else 0 end
        + case when ledger.n_leaders_attended is null then 512 else 0 end
        + case when ledger.n_leaders_spoke is null then 1024 else 0 end
        + case when ledger.n_leader_speeches is null then 2048 else 0 end
        + case when ledger.n_members_spoke is null then 4096 else 0 end
        + case when ledger.n_speakers_topic_1 is null then 8192 else 0 end
        + case when ledger.n_speakers_topic_2 is null then 16384 else 0 end
        + case when ledger.n_speakers_topic_3 is null then 32768 else 0 end
        + case when ledger.n_members_ordinary is null then 65536 else 0 end
    ) as blanks,
    count(*) as n_rows,
    cast(sum(ledger.n_organizations) as bigint) as n_organizations,
    cast(sum(ledger.n_branches) as bigint) as n_branches,
    cast(sum(ledger.n_members) as bigint) as n_members,
    cast(sum(ledger.n_leaders) as bigint) as n_leaders,
    cast(sum(ledger.n_lectures) as bigint) as n_lectures,
    cast(sum(ledger.n_lectures_grassroots) as bigint) as n_lectures_grassroots,
    cast(sum(ledger.n_branches_topic_1) as bigint) as n_branches_topic_1,
    cast(sum(ledger.n_branches_topic_2) as bigint) as n_branches_topic_2,
    cast(sum(ledger.n_branches_topic_3) as bigint) as n_branches_topic_3,
    cast(sum(ledger.n_leaders_attended) as bigint) as n_leaders_attended,
    cast(sum(ledger.n_leaders_spoke) as bigint) as n_leaders_spoke,
    cast(sum(ledger.n_leader_speeches) as bigint) as n_leader_speeches,
    cast(sum(ledger.n_members_spoke) as bigint) as n_members_spoke,
    cast(sum(ledger.n_speakers_topic_1) as bigint) as n_speakers_topic_1,
    cast(sum(ledger.n_speakers_topic_2) as bigint) as n_speakers_topic_2,
    cast(sum(ledger.n_speakers_topic_3) as bigint) as n_speakers_topic_3,
    cast(sum(ledger.n_members_ordinary) as bigint) as n_members_ordinary,
    -- Who spoke at two topics is counted twice: bounds of each row, then their sum.
    cast(
        sum(
            greatest(
                coalesce(ledger.n_speakers_topic_1, 0),
                coalesce(ledger.n_speakers_topic_2, 0),
                coalesce(ledger.n_speakers_topic_3, 0)
            )
        ) as bigint
    ) as n_spoke_least,
    cast(
        sum(
            least(
                ledger.n_members,
                coalesce(ledger.n_speakers_topic_1, 0)
                + coalesce(ledger.n_speakers_topic_2, 0)
                + coalesce(ledger.n_speakers_topic_3, 0)
            )
        ) as bigint
    ) as n_spoke_most,
    -- Rows that held a topic, and those in which a third of the members spoke at it.
    cast(sum(ledger.n_rows_topic_1) as bigint) as n_rows_topic_1,
    cast(sum(ledger.n_rows_topic_1_third) as bigint) as n_rows_topic_1_third,
    cast(sum(ledger.n_rows_topic_2) as bigint) as n_rows_topic_2,
    cast(sum(ledger.n_rows_topic_2_third) as bigint) as n_rows_topic_2_third,
    cast(sum(ledger.n_rows_topic_3) as bigint) as n_rows_topic_3,
    cast(sum(ledger.n_rows_topic_3_third) as bigint) as n_rows_topic_3_third
from ledger
group by
    ledger.month,
    ledger.unit,
    ledger.township,
    ledger.sector,
    ledger.branch_type,
    ledger.is_weak_base,
    (
        case when ledger.n_organizations is null then 1 else 0 end
        + case when ledger.n_branches is null then 2 else 0 end
        + case when ledger.n_members is null then 4 else 0 end
        + case when ledger.n_leaders is null then 8 else 0 end
        + case when ledger.n_lectures is null then 16 else 0 end
        + case when ledger.n_lectures_grassroots is null then 32 else 0 end
        + case when ledger.n_branches_topic_1 is null then 64 else 0 end
        + case when ledger.n_branches_topic_2 is null then 128 else 0 end
        + case when ledger.n_branches_topic_3 is null then 256 else 0 end
        + case when ledger.n_leaders_attended is null then 512 else 0 end
        + case when ledger.n_leaders_spoke is null then 1024 else 0 end
        + case when ledger.n_leader_speeches is null then 2048 else 0 end
        + case when ledger.n_members_spoke is null then 4096 else 0 end
        + case when ledger.n_speakers_topic_1 is null then 8192 else 0 end
        + case when ledger.n_speakers_topic_2 is null then 16384 else 0 end
        + case when ledger.n_speakers_topic_3 is null then 32768 else 0 end
        + case when ledger.n_members_ordinary is null then 65536 else 0 end
    )

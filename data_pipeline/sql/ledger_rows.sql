-- grain: ledger row (latest revision) with the place in the workbook it came from
select
    ledger.month,
    units.supervision_group,
    ledger.unit,
    ledger.sector,
    ledger.township,
    ledger.branch,
    roll.branch_name,
    ledger.basis,
    ledger.n_organizations,
    ledger.n_branches,
    ledger.n_members,
    ledger.n_leaders,
    ledger.n_lectures,
    ledger.n_lectures_grassroots,
    ledger.n_branches_topic_1,
    ledger.n_branches_topic_2,
    ledger.n_branches_topic_3,
    ledger.n_leaders_attended,
    ledger.n_leaders_spoke,
    ledger.n_leader_speeches,
    ledger.n_members_spoke,
    ledger.n_speakers_topic_1,
    ledger.n_speakers_topic_2,
    ledger.n_speakers_topic_3,
    ledger.n_rows_topic_1,
    ledger.n_rows_topic_1_third,
    ledger.n_rows_topic_2,
    ledger.n_rows_topic_2_third,
    ledger.n_rows_topic_3,
    ledger.n_rows_topic_3_third,
    submissions.source_file,
    ledger.source_sheet,
    ledger.source_row,
    submissions.received,
    submissions.submission
from held_ledger as ledger
inner join units on ledger.unit = units.unit
inner join submissions on ledger.sequence = submissions.sequence
left join roll on ledger.branch = roll.branch
where
    array_contains($months, ledger.month)
    and ($all_groups or array_contains($groups, units.supervision_group))
    and ($all_units or array_contains($units, ledger.unit))
    and ($all_townships or array_contains($townships, ledger.township))
    and ($all_sectors or array_contains($sectors, ledger.sector))
    and ($all_branches or array_contains($branches, ledger.branch))
order by ledger.month, ledger.unit, ledger.sector, ledger.township, ledger.branch

-- grain: spot check made by the end of $month, with what the branch had reported then
select
    spot_check.check_date,
    months.month,
    spot_check.supervision_group,
    spot_check.unit,
    spot_check.township,
    spot_check.sector,
    spot_check.is_weak_base as is_weak,
    spot_check.branch,
    roll.branch_name,
    spot_check.selection,
    spot_check.is_announced,
    spot_check.found_topic_1,
    spot_check.found_topic_2,
    spot_check.found_topic_3,
    spot_check.found_leaders_attended,
    spot_check.found_members_spoke,
    spot_check.found_lectures_grassroots,
    spot_check.has_atmosphere,
    spot_check.has_records,
    spot_check.has_case,
    spot_check.has_discussion,
    spot_check.grade,
    spot_check.n_members,
    spot_check.n_leaders,
    ledger.n_branches_topic_1,
    ledger.n_branches_topic_2,
    ledger.n_branches_topic_3,
    ledger.n_leaders_attended,
    ledger.n_members_spoke,
    ledger.n_lectures_grassroots,
    submissions.source_file,
    spot_check.source_sheet,
    spot_check.source_row,
    submissions.received,
    submissions.submission
from spot_check
inner join submissions on spot_check.sequence = submissions.sequence
inner join roll on spot_check.branch = roll.branch
inner join months
    on
        spot_check.check_date >= months.first_day
        and spot_check.check_date <= months.last_day
left join held_ledger as ledger
    on spot_check.branch = ledger.branch and months.month = ledger.month
where
    months.month <= $month
    and ($all_groups or array_contains($groups, spot_check.supervision_group))
    and ($all_units or array_contains($units, spot_check.unit))
    and ($all_townships or array_contains($townships, spot_check.township))
    and ($all_sectors or array_contains($sectors, spot_check.sector))
order by spot_check.check_date, spot_check.branch

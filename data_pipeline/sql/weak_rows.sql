-- grain: weak organisation listed by the end of $month
select
    weak_case.case_code,
    units.supervision_group,
    weak_case.unit,
    weak_case.township,
    weak_case.sector,
    weak_case.branch,
    weak_case.branch_name,
    weak_case.branch_type,
    weak_case.listed_date,
    weak_case.problem_type,
    weak_case.status,
    weak_case.converted_date,
    submissions.source_file,
    weak_case.source_sheet,
    weak_case.source_row,
    submissions.received,
    submissions.submission
from weak_case
inner join submissions on weak_case.sequence = submissions.sequence
inner join units on weak_case.unit = units.unit
inner join months on weak_case.listed_date <= months.last_day
where
    months.month = $month
    and ($all_groups or array_contains($groups, units.supervision_group))
    and ($all_units or array_contains($units, weak_case.unit))
    and ($all_townships or array_contains($townships, weak_case.township))
    and ($all_sectors or array_contains($sectors, weak_case.sector))
order by weak_case.unit, weak_case.sector, weak_case.township, weak_case.case_code

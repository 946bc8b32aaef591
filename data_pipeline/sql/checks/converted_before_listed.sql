-- A weak organisation whose conversion is dated before its listing.
select
    'converted_before_listed' as rule,
    months.month,
    weak_case.unit,
    weak_case.sector,
    weak_case.branch,
    '' as column_name,
    cast(null as bigint) as total,
    '' as other_name,
    cast(null as bigint) as other_total,
    submissions.source_file,
    weak_case.source_sheet,
    weak_case.source_row
from weak_case
inner join submissions on weak_case.sequence = submissions.sequence
inner join months
    on
        weak_case.converted_date >= months.first_day
        and weak_case.converted_date <= months.last_day
where weak_case.converted_date < weak_case.listed_date
order by weak_case.case_code

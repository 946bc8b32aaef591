-- A spot check or weak organisation whose branch is on no roll: no figure counts it.
with
checks as (
    select
        lake_spot_check.branch,
        lake_spot_check.check_date as seen,
        lake_spot_check.sequence,
        lake_spot_check.source_sheet,
        lake_spot_check.source_row,
        row_number() over (
            partition by
                lake_spot_check.check_date,
                lake_spot_check.branch,
                lake_spot_check.supervision_group
            order by submissions.revision desc
        ) as latest
    from lake_spot_check
    inner join submissions on lake_spot_check.sequence = submissions.sequence
),

cases as (
    select
        lake_weak_case.branch,
        lake_weak_case.listed_date as seen,
        lake_weak_case.sequence,
        lake_weak_case.source_sheet,
        lake_weak_case.source_row,
        row_number() over (
            partition by lake_weak_case.case_code
            order by submissions.revision desc
        ) as latest
    from lake_weak_case
    inner join submissions on lake_weak_case.sequence = submissions.sequence
),

records as (
    select branch, seen, sequence, source_sheet, source_row, latest
    from checks
    union all
    select branch, seen, sequence, source_sheet, source_row, latest
    from cases
)
select
    'record_off_roll' as rule,
    coalesce(months.month, '') as month,
    '' as unit,
    '' as sector,
    records.branch,
    '' as column_name,
    cast(null as bigint) as total,
    '' as other_name,
    cast(null as bigint) as other_total,
    submissions.source_file,
    records.source_sheet,
    records.source_row
from records
anti join roll on records.branch = roll.branch
inner join submissions on records.sequence = submissions.sequence
left join months
    on records.seen >= months.first_day and records.seen <= months.last_day
where records.latest = 1
order by records.seen, records.branch

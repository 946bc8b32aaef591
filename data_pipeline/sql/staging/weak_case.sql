-- grain: case, latest revision, with what the roll says of its branch
with
ranked as (
    select
        lake_weak_case.*,
        row_number() over (
            partition by lake_weak_case.case_code
            order by submissions.revision desc
        ) as latest
    from lake_weak_case
    inner join submissions on lake_weak_case.sequence = submissions.sequence
)
select
    ranked.case_code,
    ranked.branch,
    ranked.listed_date,
    ranked.problem_type,
    ranked.status,
    ranked.converted_date,
    ranked.sequence,
    ranked.source_sheet,
    ranked.source_row,
    roll.unit,
    roll.township,
    roll.sector,
    roll.branch_name,
    roll.branch_type,
    roll.of_type,
    roll.of_weak_base
from ranked
inner join roll on ranked.branch = roll.branch
where ranked.latest = 1

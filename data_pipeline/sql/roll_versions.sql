-- grain: roll row that came after the first roll of its unit, beside the one before
-- is_added marks a branch that no earlier roll had.
with
versions as (
    select
        lake_roll.branch,
        lake_roll.branch_name,
        lake_roll.unit,
        lake_roll.sector,
        coalesce(lake_roll.township, '') as township,
        lake_roll.branch_type,
        lake_roll.n_members,
        lake_roll.n_leaders,
        lake_roll.is_weak_base,
        lag(lake_roll.unit) over by_receipt as was_unit,
        lag(lake_roll.sector) over by_receipt as was_sector,
        lag(coalesce(lake_roll.township, '')) over by_receipt as was_township,
        lag(lake_roll.branch_type) over by_receipt as was_branch_type,
        lag(lake_roll.n_members) over by_receipt as was_n_members,
        lag(lake_roll.n_leaders) over by_receipt as was_n_leaders,
        lag(lake_roll.is_weak_base) over by_receipt as was_is_weak_base,
        lag(submissions.source_file) over by_receipt as was_source_file,
        row_number() over by_receipt as version,
        min(submissions.revision) over (partition by lake_roll.unit) as first_revision,
        submissions.revision,
        submissions.received,
        submissions.source_file,
        lake_roll.source_sheet,
        lake_roll.source_row
    from lake_roll
    inner join submissions on lake_roll.sequence = submissions.sequence
    window by_receipt as (
        partition by lake_roll.branch
        order by submissions.revision
    )
)
select
    versions.*,
    versions.version = 1 as is_added,
    units.supervision_group
from versions
inner join units on versions.unit = units.unit
where versions.version > 1 or versions.revision > versions.first_revision
order by versions.received, versions.unit, versions.branch

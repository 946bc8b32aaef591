-- grain: check_date x branch x group, latest revision, as it was filed
with
ranked as (
    select
        lake_spot_check.*,
        submissions.revision,
        row_number() over (
            partition by
                lake_spot_check.check_date,
                lake_spot_check.branch,
                lake_spot_check.supervision_group
            order by submissions.revision desc
        ) as latest
    from lake_spot_check
    inner join submissions on lake_spot_check.sequence = submissions.sequence
)
select
    ranked.check_date,
    ranked.branch,
    ranked.supervision_group,
    ranked.selection,
    ranked.is_announced,
    ranked.draw,
    ranked.method,
    ranked.found_topic_1,
    ranked.found_topic_2,
    ranked.found_topic_3,
    ranked.found_leaders_attended,
    ranked.found_members_spoke,
    ranked.found_lectures_grassroots,
    ranked.has_atmosphere,
    ranked.has_records,
    ranked.has_case,
    ranked.has_discussion,
    ranked.grade,
    ranked.has_plan,
    ranked.has_schedule,
    ranked.has_lecture_plan,
    ranked.has_minutes,
    ranked.has_notebooks,
    ranked.has_reflections,
    ranked.has_basic_board,
    ranked.has_special_board,
    ranked.has_reflections_shown,
    ranked.shows_identity,
    ranked.has_study_quality,
    ranked.has_models,
    ranked.has_remedies,
    ranked.has_results,
    ranked.problem_kinds,
    ranked.n_members_talked,
    ranked.revision,
    ranked.sequence,
    ranked.source_sheet,
    ranked.source_row
from ranked
where ranked.latest = 1

-- grain: check_date x branch x group, with what roll and register of draws say
-- Of several checks of a branch the one of the highest precedence counts: of the later
-- round; inside a round of the later revision, which may correct the day of a visit.
-- Random is what the register says: a branch that was not drawn was chosen.
select
    check_filed.check_date,
    check_filed.branch,
    check_filed.supervision_group,
    case when drawn_check.is_random = false then 'targeted' else check_filed.selection
    end as selection,
    check_filed.is_announced,
    drawn_check.draw,
    drawn_check.standing,
    check_filed.method,
    check_filed.found_topic_1,
    check_filed.found_topic_2,
    check_filed.found_topic_3,
    check_filed.found_leaders_attended,
    check_filed.found_members_spoke,
    check_filed.found_lectures_grassroots,
    check_filed.has_atmosphere,
    check_filed.has_records,
    check_filed.has_case,
    check_filed.has_discussion,
    check_filed.grade,
    check_filed.has_plan,
    check_filed.has_schedule,
    check_filed.has_lecture_plan,
    check_filed.has_minutes,
    check_filed.has_notebooks,
    check_filed.has_reflections,
    check_filed.has_basic_board,
    check_filed.has_special_board,
    check_filed.has_reflections_shown,
    check_filed.shows_identity,
    check_filed.has_study_quality,
    check_filed.has_models,
    check_filed.has_remedies,
    check_filed.has_results,
    check_filed.problem_kinds,
    check_filed.n_members_talked,
    check_filed.revision,
    rounds.round,
    row_number() over (
        partition by check_filed.branch
        order by
            rounds.round,
            check_filed.revision,
            check_filed.check_date,
            check_filed.supervision_group
    ) as precedence,
    check_filed.sequence,
    check_filed.source_sheet,
    check_filed.source_row,
    roll.unit,
    roll.township,
    roll.sector,
    coalesce(roll.is_weak_base, false) as is_weak_base,
    roll.of_type,
    roll.of_weak_base,
    roll.n_members,
    roll.n_leaders,
    roll.n_members - roll.n_leaders as n_members_ordinary
from check_filed
inner join roll on check_filed.branch = roll.branch
inner join rounds
    on
        check_filed.check_date >= rounds.first_day
        and check_filed.check_date <= rounds.last_day
left join drawn_check
    on
        check_filed.check_date = drawn_check.check_date
        and check_filed.branch = drawn_check.branch
        and check_filed.supervision_group = drawn_check.supervision_group

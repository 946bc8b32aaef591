-- grain: spot check made by the end of $month, with what was claimed before and after
-- A ledger states the end of its month. A branch without a row of its own is held
-- against the average of its unit and sector.
with
made as (
    select
        spot_check.*,
        months.month
    from spot_check
    inner join months
        on
            spot_check.check_date >= months.first_day
            and spot_check.check_date <= months.last_day
    where
        months.month <= $month
        and ($all_groups or array_contains($groups, spot_check.supervision_group))
        and ($all_units or array_contains($units, spot_check.unit))
        and ($all_townships or array_contains($townships, spot_check.township))
        and ($all_sectors or array_contains($sectors, spot_check.sector))
),

claims as (
    select
        made.check_date,
        made.supervision_group,
        made.branch,
        months.month,
        months.last_day < made.check_date as is_before,
        true as is_own_row,
        cast(ledger.n_leaders_attended as double) as leaders_attended,
        cast(ledger.n_members_spoke as double) as members_spoke,
        cast(ledger.n_lectures_grassroots as double) as lectures_grassroots
    from made
    inner join held_ledger as ledger on made.branch = ledger.branch
    inner join months on ledger.month = months.month
    where months.month <= $month
    union all
    select
        made.check_date,
        made.supervision_group,
        made.branch,
        months.month,
        months.last_day < made.check_date as is_before,
        false as is_own_row,
        cast(ledger.n_leaders_attended as double)
        / cast(nullif(ledger.n_branches, 0) as double) as leaders_attended,
        cast(ledger.n_members_spoke as double)
        / cast(nullif(ledger.n_branches, 0) as double) as members_spoke,
        cast(ledger.n_lectures_grassroots as double)
        / cast(nullif(ledger.n_branches, 0) as double) as lectures_grassroots
    from made
    inner join held_ledger as ledger
        on made.unit = ledger.unit and made.sector = ledger.sector
    inner join months on ledger.month = months.month
    where months.month <= $month and ledger.branch = ''
),

-- In each column the last ledger before the check that filled it, and the first after.
ledgers as (
    select
        check_date,
        supervision_group,
        branch,
        last(case when is_before then is_own_row end ignore nulls)
            over by_month as is_own_row,
        last(case when is_before then leaders_attended end ignore nulls)
            over by_month as before_leaders_attended,
        last(case when is_before then members_spoke end ignore nulls)
            over by_month as before_members_spoke,
        last(case when is_before then lectures_grassroots end ignore nulls)
            over by_month as before_lectures_grassroots,
        last(case when not is_before then leaders_attended end ignore nulls)
            over from_last as after_leaders_attended,
        last(case when not is_before then members_spoke end ignore nulls)
            over from_last as after_members_spoke,
        last(case when not is_before then lectures_grassroots end ignore nulls)
            over from_last as after_lectures_grassroots,
        row_number() over (
            partition by check_date, supervision_group, branch
            order by month
        ) as position
    from claims
    window
        by_month as (
            partition by check_date, supervision_group, branch
            order by month
            rows between unbounded preceding and unbounded following
        ),
        from_last as (
            partition by check_date, supervision_group, branch
            order by month desc
            rows between unbounded preceding and unbounded following
        )
)
select
    made.check_date,
    made.month,
    made.round,
    made.precedence,
    made.supervision_group,
    made.unit,
    made.township,
    made.sector,
    made.is_weak_base as is_weak,
    made.branch,
    roll.branch_name,
    made.selection,
    made.is_announced,
    made.draw,
    made.standing,
    made.found_topic_1,
    made.found_topic_2,
    made.found_topic_3,
    made.found_leaders_attended,
    made.found_members_spoke,
    made.found_lectures_grassroots,
    made.has_atmosphere,
    made.has_records,
    made.has_case,
    made.has_discussion,
    made.grade,
    made.n_members,
    made.n_leaders,
    ledgers.is_own_row,
    ledgers.before_leaders_attended,
    ledgers.before_members_spoke,
    ledgers.before_lectures_grassroots,
    ledgers.after_leaders_attended,
    ledgers.after_members_spoke,
    ledgers.after_lectures_grassroots,
    submissions.source_file,
    made.source_sheet,
    made.source_row,
    submissions.received,
    submissions.submission
from made
inner join submissions on made.sequence = submissions.sequence
inner join roll on made.branch = roll.branch
left join ledgers
    on
        made.check_date = ledgers.check_date
        and made.supervision_group = ledgers.supervision_group
        and made.branch = ledgers.branch
        and ledgers.position = 1
order by made.check_date, made.branch, made.precedence

-- grain: unit x month x submission that may speak of the unit's rows, or replace them
-- Whoever speaks of reporters between the unit's first and last may: a branch can be
-- filed under another unit later.
with
spoken as (
    select
        unit,
        month,
        min(first_reporter) as first_reporter,
        max(last_reporter) as last_reporter
    from arrivals
    group by unit, month, is_total
)
select distinct
    spoken.unit,
    spoken.month,
    submissions.submission,
    submissions.source_file,
    submissions.revision
from spoken
inner join arrivals
    on
        spoken.month = arrivals.month
        and spoken.first_reporter <= arrivals.last_reporter
        and spoken.last_reporter >= arrivals.first_reporter
inner join submissions on arrivals.sequence = submissions.sequence
order by spoken.unit, spoken.month, submissions.revision

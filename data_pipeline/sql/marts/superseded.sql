-- grain: ledger row that a later submission replaced (month x reporter x submission)
-- Few submissions speak for anybody who was heard before: only their reporters are
-- looked at row by row.
with
parts as (
    select
        arrivals.month,
        arrivals.sequence,
        arrivals.is_total,
        submissions.revision,
        min(arrivals.first_reporter) as first_reporter,
        max(arrivals.last_reporter) as last_reporter
    from arrivals
    inner join submissions on arrivals.sequence = submissions.sequence
    group by
        arrivals.month, arrivals.sequence, arrivals.is_total, submissions.revision
),

later_parts as (
    select distinct
        later.month,
        later.sequence
    from parts as later
    inner join parts as earlier
        on
            later.month = earlier.month
            and later.revision > earlier.revision
            and later.first_reporter <= earlier.last_reporter
            and later.last_reporter >= earlier.first_reporter
),

heard_again as (
    select distinct
        ledger_filed.month,
        ledger_filed.reporter
    from ledger_filed
    semi join later_parts
        on
            ledger_filed.month = later_parts.month
            and ledger_filed.sequence = later_parts.sequence
),

ranked as (
    select
        ledger_filed.month,
        ledger_filed.reporter,
        ledger_filed.sequence,
        row_number() over (
            partition by ledger_filed.month, ledger_filed.reporter
            order by submissions.revision desc
        ) as latest
    from ledger_filed
    semi join heard_again
        on
            ledger_filed.month = heard_again.month
            and ledger_filed.reporter = heard_again.reporter
    inner join submissions on ledger_filed.sequence = submissions.sequence
)
select
    month,
    reporter,
    sequence
from ranked
where latest > 1

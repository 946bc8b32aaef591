-- grain: month x unit x sector that was filed; when it came, and how often
select
    arrivals.month,
    arrivals.unit,
    arrivals.sector,
    min(submissions.received) as first_received,
    max(submissions.received) as last_received,
    count(distinct arrivals.sequence) as n_submissions
from arrivals
inner join submissions on arrivals.sequence = submissions.sequence
group by arrivals.month, arrivals.unit, arrivals.sector

-- grain: unit that filed figures of one month alone, in any month
select distinct unit
from arrivals
where basis = 'month'
order by unit

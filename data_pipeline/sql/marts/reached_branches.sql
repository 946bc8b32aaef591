-- grain: branch that a random check has reached, in any month
select distinct branch
from random_found
order by branch

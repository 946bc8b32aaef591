-- grain: unit x sector on the roll; blank where any of its branches leaves it blank
select
    roll.unit,
    roll.sector,
    cast(count(*) as double) as n_branches,
    case
        when count(roll.n_members) = count(*)
            then cast(sum(roll.n_members) as double)
    end as n_members,
    case
        when count(roll.n_leaders) = count(*)
            then cast(sum(roll.n_leaders) as double)
    end as n_leaders
from roll
inner join units on roll.unit = units.unit
group by roll.unit, roll.sector
order by roll.unit, roll.sector

-- grain: month x unit x township x sector x type x weak base with a weak case by then
select
    months.month,
    weak_case.unit,
    weak_case.township,
    weak_case.sector,
    weak_case.of_type as branch_type,
    weak_case.of_weak_base as is_weak_base,
    count(*) as n_weak_listed,
    cast(
        sum(
            case
                when
                    weak_case.status = 'converted'
                    and weak_case.converted_date <= months.last_day
                    then 1
                else 0
            end
        ) as bigint
    ) as n_weak_converted
from weak_case
inner join months on weak_case.listed_date <= months.last_day
group by
    months.month,
    weak_case.unit,
    weak_case.township,
    weak_case.sector,
    weak_case.of_type,
    weak_case.of_weak_base

-- grain: spot check with its verdicts and lectures, but those of prepared sites
select
    months.month,
    spot_check.unit,
    spot_check.sector,
    spot_check.branch,
    spot_check.check_date,
    spot_check.selection = 'random' as is_random,
    spot_check.found_topic_1,
    spot_check.found_topic_2,
    spot_check.found_topic_3,
    spot_check.found_lectures_grassroots
from spot_check
inner join months
    on
        spot_check.check_date >= months.first_day
        and spot_check.check_date <= months.last_day
where spot_check.selection <> 'prepared'
-- Of several checks of a branch the last here is the one that counts.
order by spot_check.precedence, spot_check.branch

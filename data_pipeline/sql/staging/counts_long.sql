-- grain: month x unit x township x sector x pattern of blanks x count column
-- The long form of every sum that a metric may name.
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_organizations' as column_name,
    n_organizations as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_branches' as column_name,
    n_branches as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_members' as column_name,
    n_members as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_leaders' as column_name,
    n_leaders as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_lectures' as column_name,
    n_lectures as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_lectures_grassroots' as column_name,
    n_lectures_grassroots as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_branches_topic_1' as column_name,
    n_branches_topic_1 as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_branches_topic_2' as column_name,
    n_branches_topic_2 as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_branches_topic_3' as column_name,
    n_branches_topic_3 as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_leaders_attended' as column_name,
    n_leaders_attended as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_leaders_spoke' as column_name,
    n_leaders_spoke as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_leader_speeches' as column_name,
    n_leader_speeches as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_members_spoke' as column_name,
    n_members_spoke as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_speakers_topic_1' as column_name,
    n_speakers_topic_1 as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_speakers_topic_2' as column_name,
    n_speakers_topic_2 as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_speakers_topic_3' as column_name,
    n_speakers_topic_3 as total
from ledger_sums
union all
select
    month,
    unit,
    township,
    sector,
    blanks,
    n_rows,
    'n_members_ordinary' as column_name,
    n_members_ordinary as total
from ledger_sums
union all
select
    month,
    unit,
    '' as township,
    '' as sector,
    0 as blanks,
    1 as n_rows,
    'n_units_due' as column_name,
    n_units_due as total
from filing
union all
select
    month,
    unit,
    '' as township,
    '' as sector,
    0 as blanks,
    1 as n_rows,
    'n_units_on_time' as column_name,
    n_units_on_time as total
from filing
union all
select
    month,
    unit,
    township,
    sector,
    0 as blanks,
    1 as n_rows,
    'n_branches_checked' as column_name,
    n_branches_checked as total
from checking
union all
select
    month,
    unit,
    township,
    sector,
    0 as blanks,
    1 as n_rows,
    'n_branches_on_roll' as column_name,
    n_branches_on_roll as total
from checking
union all
select
    month,
    unit,
    township,
    sector,
    0 as blanks,
    1 as n_rows,
    'n_weak_converted' as column_name,
    n_weak_converted as total
from rectification
union all
select
    month,
    unit,
    township,
    sector,
    0 as blanks,
    1 as n_rows,
    'n_weak_listed' as column_name,
    n_weak_listed as total
from rectification

-- grain: ledger row x count column; for the checks, which look at single rows
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_organizations' as column_name,
    n_organizations as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_branches' as column_name,
    n_branches as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_members' as column_name,
    n_members as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_leaders' as column_name,
    n_leaders as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_lectures' as column_name,
    n_lectures as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_lectures_grassroots' as column_name,
    n_lectures_grassroots as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_branches_topic_1' as column_name,
    n_branches_topic_1 as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_branches_topic_2' as column_name,
    n_branches_topic_2 as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_branches_topic_3' as column_name,
    n_branches_topic_3 as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_leaders_attended' as column_name,
    n_leaders_attended as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_leaders_spoke' as column_name,
    n_leaders_spoke as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_leader_speeches' as column_name,
    n_leader_speeches as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_members_spoke' as column_name,
    n_members_spoke as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_speakers_topic_1' as column_name,
    n_speakers_topic_1 as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_speakers_topic_2' as column_name,
    n_speakers_topic_2 as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_speakers_topic_3' as column_name,
    n_speakers_topic_3 as total
from ledger
union all
select
    month,
    unit,
    sector,
    branch,
    reporter,
    sequence,
    source_sheet,
    source_row,
    'n_members_ordinary' as column_name,
    n_members_ordinary as total
from ledger

-- grain: ledger row (latest revision), what the credibility rules look at
select
    ledger.month,
    ledger.unit,
    ledger.sector,
    ledger.branch,
    ledger.basis,
    ledger.n_organizations,
    ledger.n_branches,
    ledger.n_members,
    ledger.n_leaders,
    ledger.n_members_ordinary,
    ledger.n_lectures,
    ledger.n_lectures_grassroots,
    ledger.n_branches_topic_1,
    ledger.n_branches_topic_2,
    ledger.n_branches_topic_3,
    ledger.n_leaders_attended,
    ledger.n_leaders_spoke,
    ledger.n_leader_speeches,
    ledger.n_members_spoke,
    ledger.n_speakers_topic_1,
    ledger.n_speakers_topic_2,
    ledger.n_speakers_topic_3,
    submissions.source_file,
    ledger.source_sheet,
    ledger.source_row
from ledger
inner join submissions on ledger.sequence = submissions.sequence
order by ledger.unit, ledger.sector, ledger.branch, ledger.month

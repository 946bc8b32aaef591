-- grain: month x reporter, latest revision only
select ledger_filed.*
from ledger_filed
anti join superseded
    on
        ledger_filed.sequence = superseded.sequence
        and ledger_filed.month = superseded.month
        and ledger_filed.reporter = superseded.reporter

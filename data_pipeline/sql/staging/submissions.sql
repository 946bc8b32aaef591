-- grain: submission; revision orders them by received time, then by order of arrival
select
    sequence,
    submission,
    source_file,
    supervision_group,
    received,
    received_day,
    row_number() over (order by received, sequence) as revision
from manifest

-- grain: registered draw x branch of its frame, in the order of the draw
select
    lake_draw.draw,
    lake_draw.month,
    lake_draw.branch,
    lake_draw.unit,
    lake_draw.sector,
    lake_draw.layer,
    lake_draw.place,
    lake_draw.n_drawn,
    lake_draw.source_sheet,
    lake_draw.source_row,
    submissions.revision,
    submissions.received_day,
    submissions.source_file
from lake_draw
inner join submissions on lake_draw.sequence = submissions.sequence

"""The one Arrow schema of a table: what a file brings, and what the lake stores."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from data_pipeline.registry.definitions import Table

_TYPES = {
    "count": pa.int64(),
    "date": pa.date32(),
    "round": pa.int32(),
    "share": pa.float64(),
    "yes_no": pa.bool_(),
}


def incoming_schema(table: Table) -> pa.Schema:
    """Registry columns, then where a row stood in its workbook.

    >>> from data_pipeline.registry import load_registry
    >>> incoming_schema(load_registry().tables["roll"]).names[-3:]
    ['is_weak_base', 'source_sheet', 'source_row']
    """
    fields = [(c.name, _TYPES.get(c.type, pa.string())) for c in table.columns]
    fields += [("source_sheet", pa.string()), ("source_row", pa.int32())]
    if table.has_basis:
        fields.append(("basis", pa.string()))
    return pa.schema(fields)


def stored_schema(table: Table) -> pa.Schema:
    """As a row lies in the lake: with the number of the submission that brought it."""
    return incoming_schema(table).append(pa.field("sequence", pa.int32()))


def layout_of(table: Table) -> str:
    """A short digest of the columns and types in which rows of `table` are stored."""
    return hashlib.sha256(str(stored_schema(table)).encode()).hexdigest()[:8]

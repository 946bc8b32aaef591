"""What a test asks of a circular: its sentences, and what was found in its snapshot."""

from __future__ import annotations

from pathlib import Path

from data_pipeline.check_findings import read_findings
from data_pipeline.flags import read_flags
from data_pipeline.rates import open_marts
from reports.bulletin.facts import Facts
from reports.bulletin.rows import circular
from reports.files.paper import Paper, Sentence, Table, Text


def facts_of(
    lake: Path, month: str, language: str = "zh", audience: str = "office"
) -> Facts:
    """As the office reads them, with every count; `public` is what goes out."""
    marts = open_marts(lake).for_audience(audience)
    findings = read_findings(marts)
    return Facts(marts, month, read_flags(marts).found, findings, language)


def circular_of(
    lake: Path, month: str, language: str = "zh", audience: str = "office"
) -> Paper:
    return circular(facts_of(lake, month, language, audience))


def sentences(paper: Paper) -> list[str]:
    return [
        part.text
        for section in paper.sections
        for part in section.parts
        if isinstance(part, Sentence | Text)
    ]


def tables(paper: Paper) -> dict[str, Table]:
    return {part.title: part for part in paper.numbered() if isinstance(part, Table)}


def cells(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]

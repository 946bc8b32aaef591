"""What leaders do themselves: attend, speak first, lecture, and whom that can reach.

Nothing is read here: frames of several metrics come in, and what is drawn, listed and
saved comes out of the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from data_pipeline.registry import Registry
from data_pipeline.withheld import is_withheld
from reports.words import catalogue, sentences, wording

# Roles: which metrics they are stands in the registry.
ATTENDANCE, SPEAKING = "leaders_duty", "leaders_speaking"
SPEECHES, LECTURES = "leader_speeches", "leader_lectures"
GRASSROOTS = "grassroots_lectures"
REACH, REACH_OF_ALL = "grassroots_reach", "all_lectures_reach"
# The same question, answered lecture by lecture; not every registry asks for records.
RECORDED = "recorded_grassroots"
# How many leaders have been there at most; not every registry bounds heads by lectures.
LECTURERS = "grassroots_leaders"
# One panel each over the months.
TRENDS = (ATTENDANCE, SPEAKING, LECTURES, SPEECHES, GRASSROOTS, REACH)
ROLES = (*TRENDS, REACH_OF_ALL)
HEADS = (ATTENDANCE, SPEAKING)
N_NAMED = 6  # lines that colours can distinguish
N_EXTREMES = 2
TEXTS = catalogue.texts("leader_participation.rows")


def find_metrics(registry: Registry) -> dict[str, str] | None:
    """Metric id of each role, None where the registry lacks one of `ROLES`."""
    found = {role: registry.role(role) for role in (*ROLES, RECORDED, LECTURERS)}
    if None in [found[role] for role in ROLES]:
        return None
    return {role: metric.id for role, metric in found.items() if metric}


def by_metric(
    frames: Mapping[str, pd.DataFrame], registry: Registry
) -> dict[str, pd.DataFrame]:
    """The same frames by metric id, as figures and files take them."""
    return {registry.role(role).id: frame for role, frame in frames.items()}


def lecture_rows(frames: Mapping[str, pd.DataFrame], by: Sequence[str]) -> pd.DataFrame:
    """How often lectures were given at the grass roots and how often not, by place.

    Parameters
    ----------
    frames
        Role to `rates.read_rates` by `by`, of one month; all of `ROLES`, and
        `RECORDED` and `LECTURERS` where the registry has their metrics.

    Returns
    -------
    DataFrame, one row a place, silence and the smallest grass-roots ceiling first
        `by`, ``n_lectures``, ``n_lectures_grassroots``, ``n_lectures_own`` (rows that
        know both), ``n_lectures_unsplit`` (rows whose grass-roots count is blank),
        ``n_branches``, ``reach_all`` and ``reach_grassroots`` (lectures ÷ branches,
        may exceed 1, NaN without branches), ``n_missing``; with records
        ``n_recorded_grassroots``, missing where a place filed none; with `LECTURERS`
        ``n_leaders`` and ``n_leaders_never_least``, who cannot all have lectured at
        the grass roots, even if none did twice.
    """
    keys = list(by)
    rows = frames[REACH_OF_ALL][
        [*keys, "numerator", "denominator", "rate", "n_missing"]
    ]
    rows = rows.rename(
        columns={
            "numerator": "n_lectures",
            "denominator": "n_branches",
            "rate": "reach_all",
        }
    )
    split, reach = frames[GRASSROOTS], frames[REACH]
    # All frames of one question have the same places in the same order.
    rows = rows.assign(
        n_lectures_grassroots=split["numerator"],
        n_lectures_own=split["denominator"] - split["numerator"],
        n_lectures_unsplit=(rows["n_lectures"] - split["denominator"]).clip(lower=0),
        reach_grassroots=reach["rate"],
    )
    others = []
    if RECORDED in frames:
        records = frames[RECORDED].set_index(keys)
        known = records["numerator"].where(records["denominator"] > 0)
        places = pd.MultiIndex.from_frame(rows[keys]) if len(keys) > 1 else rows[by[0]]
        rows["n_recorded_grassroots"] = known.reindex(places).to_numpy()
        others += ["n_recorded_grassroots"]
    if LECTURERS in frames:
        most = frames[LECTURERS]
        never = (most["denominator"] - most["numerator"]).clip(lower=0)
        rows = rows.assign(n_leaders=most["denominator"], n_leaders_never_least=never)
        others += ["n_leaders", "n_leaders_never_least"]
    # Silence stands before the lowest: nobody knows what lies behind it.
    order = rows.sort_values(["reach_grassroots", *keys], na_position="first")
    columns = [
        *(*keys, "n_lectures", "n_lectures_grassroots", "n_lectures_own"),
        *("n_lectures_unsplit", "n_branches", "reach_all", "reach_grassroots"),
        *("n_missing", *others),
    ]
    return order[columns].reset_index(drop=True)


def outermost(frame: pd.DataFrame, dimension: str) -> tuple[str, ...]:
    """The places to name: of many those with the highest and the lowest rates."""
    known = frame.dropna(subset="rate").sort_values("rate", kind="stable")
    codes = list(known[dimension])
    if len(codes) <= N_NAMED:
        return tuple(codes)
    return (*codes[: -N_EXTREMES - 1 : -1], *codes[:N_EXTREMES])


def is_due(frames: Mapping[str, pd.DataFrame]) -> bool:
    """Whether the place of these frames (of one month) owes any figure at all."""
    return all(len(frames[role]) for role in ROLES)


def describe_heads(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    language: str = "zh",
    *,
    caveats: Mapping[str, str] | None = None,
) -> str:
    """How many leaders attend and how many of them speak first; '' where none is.

    `frames` as in `describe`; `caveats` say by role what stands against its figure.
    """
    messages = []
    for name in HEADS:
        metric = registry.role(name)
        for _, row in frames[name].iterrows():
            if not row["denominator"]:
                continue
            if is_withheld(row):
                hidden = wording.WITHHELD[language]
                messages.append(sentences.named(metric, hidden, language))
                continue
            clause = TEXTS[language]["figure"].format(
                rate=wording.percent(row["rate"]),
                numerator=wording.number(row["numerator"]),
                counted=wording.counted(
                    row["denominator"], metric.denominator, language
                ),
                blank=_left_out(row, language),
                caveat=sentences.last_in_brackets(
                    (caveats or {}).get(name, ""), language
                ),
            )
            messages.append(sentences.named(metric, clause, language))
    return " ".join(messages)


def describe(
    frames: Mapping[str, pd.DataFrame],
    registry: Registry,
    language: str = "zh",
    *,
    caveat: str = "",
) -> str:
    """Whom the lectures can have reached at most, and what is not counted in it.

    `frames` are roles to the one row of a place and month; a place that owes
    nothing has no row. `caveat` stands against the ledger's count at the grass roots.
    """
    texts = TEXTS[language]
    if not is_due(frames):
        return texts["not_due"]
    rows = {role: frame.iloc[0] for role, frame in frames.items() if len(frame)}

    def ceiling(metric: str) -> str:
        row = rows[metric]
        return sentences.reach_ceiling(
            registry.role(metric), row["numerator"], row["denominator"], language
        )

    split, every = rows[GRASSROOTS], rows[REACH_OF_ALL]
    parts = [f"**{ceiling(REACH_OF_ALL)}**"]
    if split["denominator"]:
        parts.append(
            texts["grassroots"].format(
                n=wording.number(split["numerator"]),
                share=wording.percent(split["rate"]),
                blank=_left_out(split, language),
                caveat=sentences.last_in_brackets(caveat, language),
                sentence=ceiling(REACH),
            )
        )
        parts.append(_beside_records(split, rows.get(RECORDED), language))
    parts.append(sentences.gaps(every["n_missing"], every["n_blank"], language))
    # The space also ends the bold sentence: ** between two letters would stay as it is.
    return " ".join(filter(None, parts))


def _beside_records(split: pd.Series, recorded: pd.Series | None, language: str) -> str:
    """The same share by the lecture records, how far apart, and why; '' without any."""
    if recorded is None or is_withheld(recorded) or not recorded["denominator"]:
        return ""
    return TEXTS[language]["recorded"].format(
        share=wording.percent(recorded["rate"]),
        below=wording.number(recorded["numerator"]),
        n=wording.number(recorded["denominator"]),
        points=wording.points(abs(split["rate"] - recorded["rate"]), language),
    )


def describe_counts(
    frames: Mapping[str, pd.DataFrame], registry: Registry, language: str = "zh"
) -> str:
    """How many lectures do not say where, and what a speech is counted by.

    `frames` as in `describe`; '' where nothing is due.
    """
    if not is_due(frames):
        return ""
    texts, parts = TEXTS[language], []
    rows = {role: frame.iloc[0] for role, frame in frames.items() if len(frame)}
    split, every = rows[GRASSROOTS], rows[REACH_OF_ALL]
    if every["numerator"] > split["denominator"]:
        n_unsplit = every["numerator"] - split["denominator"]
        parts.append(texts["unsplit"].format(n=wording.number(n_unsplit)))
    if rows[SPEECHES]["denominator"]:
        note = wording.in_language(registry.role(SPEECHES), "note", language)
        n = wording.number(rows[SPEECHES]["numerator"])
        parts.append(texts["speeches"].format(n=n, note=note))
    return " ".join(parts)


def _left_out(row: pd.Series, language: str) -> str:
    """The rows that a figure leaves out as they are blank: why two totals differ."""
    blank = sentences.blank(row["n_blank"], language)
    return TEXTS[language]["left_out"].format(rows=blank) if blank else ""


def describe_home(frames: Mapping[str, pd.DataFrame], language: str = "zh") -> str:
    """Who lectured at home only: that nobody filed it, and what is certain even so.

    `frames` as in `describe`; '' where nobody lectured or the registry has no bound.
    """
    if not is_due(frames) or LECTURERS not in frames:
        return ""
    split, most = frames[GRASSROOTS].iloc[0], frames[LECTURERS].iloc[0]
    if not split["denominator"]:
        return ""
    texts = TEXTS[language]
    parts = [texts["home"]]
    if not is_withheld(most) and most["denominator"]:
        blank = sentences.blank(most["n_blank"], language)
        n_own = split["denominator"] - split["numerator"]
        n_never = max(0, most["denominator"] - most["numerator"])
        about = {
            "leaders": wording.number(most["denominator"]),
            "blank": texts["rows_left_out"].format(rows=blank) if blank else "",
            "below": wording.number(most["numerator"]),
            "never": wording.number(n_never),
            "share": wording.percent(n_never / most["denominator"]),
            "own": wording.number(n_own),
            "only": wording.number(min(n_own, most["denominator"])),
        }
        parts.append(texts["never" if n_never else "never_unknown"].format(**about))
    return wording.join(parts, language, "sentences")

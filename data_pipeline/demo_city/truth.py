"""What really happened in the made-up city: every branch, every month.

Everything is drawn once as moments and scores and then counted, so that the rules of
the ledger (part <= whole, nothing before its window, cumulative counts never fall)
hold by construction and not by repair.
"""

import dataclasses

import numpy as np
import pandas as pd

from data_pipeline.registry import load_registry

MONTHS = load_registry().calendar.months
N_MONTHS = len(MONTHS)
JULY = MONTHS.index("2016-07")
NEVER = N_MONTHS

TOPIC_STARTS = (0, 3, 6)
# Share of the city's branches that had really held each topic, month by month from
# the opening of its window.
TOPIC_PACE = (
    (0.27, 0.55, 0.82, 0.904, 0.92, 0.93, 0.94, 0.945, 0.95),
    (0.26, 0.56, 0.80, 0.85, 0.87, 0.89),
    (0.33, 0.68, 0.86),
)
# What branches claimed about topic 1, in the same order of warmth: earlier, and
# nearly all. "大家扪心自问能不能达得到 … 肯定达不到".
CLAIMED_TOPIC_1_PACE = (
    *(0.31, 0.64, 0.965, 0.9996, 0.9997),
    *(0.9998, 0.9998, 0.9999, 0.9999),
)
ATTENDED_PACE = (0.17, 0.32, 0.46, 0.58, 0.67, 0.75, 0.82, 0.87, 0.91)
SPOKE_PACE = (0.11, 0.22, 0.32, 0.41, 0.50, 0.58, 0.66, 0.73, 0.79)
# Share of lectures really given at grass-roots branches: most leaders "只是在自己本单位
# 讲党课".
GRASSROOTS_SHARE = {
    "organ": 0.28,
    "school": 0.30,
    "rural": 0.62,
    "community": 0.55,
    "nonpublic": 0.45,
    "soe": 0.35,
}

Figures = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Draws:
    """The random part of the truth. Leaders are anonymous heads, one row each.

    Months are indices into MONTHS, NEVER for what did not happen. A lecture or a
    speech beyond the first is one that a head *may* give in a month; it takes place
    when its score is at most the limit of its branch (a higher limit, more of them).
    """

    held: tuple[np.ndarray, ...]  # (branches,) month of each topic's meeting
    claimed_topic_1: np.ndarray  # (branches,) month the branch claims for topic 1
    head_branch: np.ndarray  # (heads,) row of the branch
    attended: np.ndarray  # (heads,) first month as an ordinary member
    spoke: np.ndarray  # (heads,) first month of speaking first
    lecture_score: np.ndarray  # (heads, months)
    is_grassroots: np.ndarray  # (heads, months)
    speech_score: np.ndarray  # (heads, months), inf up to the first speech
    new_members: np.ndarray  # (branches, months) admitted so far
    topic_speakers_share: np.ndarray  # (branches, 3) of ordinary members
    later_speakers_share: np.ndarray  # (branches,) a month, after the first meeting


def draw(branches: pd.DataFrame, seed: int) -> Draws:
    """Draw what happens to `branches` (of `make_branches`) over the campaign."""
    rng = np.random.default_rng([seed, 2])
    warmth = branches["warmth"].to_numpy()
    n = len(branches)

    held = []
    for pace, start in zip(TOPIC_PACE, TOPIC_STARTS, strict=True):
        readiness = warmth + rng.logistic(0, 0.7, n)
        held.append(_month_reached(readiness, pace, start))
        if start == 0:
            claimed = _month_reached(readiness, CLAIMED_TOPIC_1_PACE, 0)

    head_branch = np.repeat(np.arange(n), branches["n_leaders"])
    heads = len(head_branch)
    # Leaders of a whole unit and sector share a habit of coming, apart from warmth.
    cell = branches.groupby(["unit", "sector"], sort=False).ngroup().to_numpy()
    cell_habit = rng.normal(0, 0.4, cell.max() + 1)[cell]
    comes = (0.6 * warmth + cell_habit)[head_branch] + rng.logistic(0, 0.7, heads)
    attended = _month_reached(comes, ATTENDED_PACE, 0)
    speaks = 0.8 * comes + rng.logistic(0, 0.4, heads)
    spoke = np.maximum(attended, _month_reached(speaks, SPOKE_PACE, 0))

    lecture_rate = np.exp((0.5 * warmth + cell_habit)[head_branch])
    speech_rate = np.exp(0.4 * warmth[head_branch])
    shape = (heads, N_MONTHS)
    speech_score = rng.exponential(1.0, shape) / speech_rate[:, None]
    speech_score[np.arange(N_MONTHS) <= spoke[:, None]] = np.inf
    base = branches["sector"].map(GRASSROOTS_SHARE).to_numpy()
    grassroots_share = 1 / (1 + (1 - base) / base * np.exp(-0.3 * cell_habit))

    spread = rng.normal(0, 0.2, (n, 3))
    topic_speakers = 0.30 * np.exp(0.15 * warmth[:, None] + spread)
    return Draws(
        held=tuple(held),
        claimed_topic_1=claimed,
        head_branch=head_branch,
        attended=attended,
        spoke=spoke,
        lecture_score=rng.exponential(1.0, shape) / lecture_rate[:, None],
        is_grassroots=rng.random(shape) < grassroots_share[head_branch][:, None],
        speech_score=speech_score,
        new_members=np.cumsum(rng.random((n, N_MONTHS)) < 0.02, axis=1),
        topic_speakers_share=np.clip(topic_speakers, 0.05, 0.7),
        later_speakers_share=rng.uniform(0.005, 0.025, n),
    )


def count(
    branches: pd.DataFrame,
    draws: Draws,
    lecture_limit: np.ndarray,
    speech_limit: np.ndarray,
) -> Figures:
    """Count the true figures of every branch at the end of every month.

    Parameters
    ----------
    lecture_limit, speech_limit
        (branches,) limits of the scores in `draws`.

    Returns
    -------
    dict
        Ledger column -> integers (branches, months), cumulative where the ledger is;
        and `claimed_topic_1`, what the branches say of topic 1.
    """
    n = len(branches)

    def branches_by(month: np.ndarray) -> np.ndarray:
        return (month[:, None] <= np.arange(N_MONTHS)).astype(int)

    def events_by(is_event: np.ndarray) -> np.ndarray:
        head, month = np.nonzero(is_event)
        where = draws.head_branch[head] * N_MONTHS + month
        counts = np.bincount(where, minlength=n * N_MONTHS)
        return counts.reshape(n, N_MONTHS).cumsum(axis=1)

    def heads_by(month: np.ndarray) -> np.ndarray:
        return events_by(month[:, None] == np.arange(N_MONTHS))

    def constant(column: str) -> np.ndarray:
        return np.repeat(branches[column].to_numpy()[:, None], N_MONTHS, axis=1)

    is_lecture = draws.lecture_score <= lecture_limit[draws.head_branch][:, None]
    is_later_speech = draws.speech_score <= speech_limit[draws.head_branch][:, None]
    spoke = heads_by(draws.spoke)
    figures = {
        "n_organizations": constant("n_organizations"),
        "n_branches": np.ones((n, N_MONTHS), dtype=int),
        "n_members": constant("n_members") + draws.new_members,
        "n_leaders": constant("n_leaders"),
        "n_lectures": events_by(is_lecture),
        "n_lectures_grassroots": events_by(is_lecture & draws.is_grassroots),
        "n_leaders_attended": heads_by(draws.attended),
        "n_leaders_spoke": spoke,
        "n_leader_speeches": spoke + events_by(is_later_speech),
        "claimed_topic_1": branches_by(draws.claimed_topic_1),
    }
    for topic, month in enumerate(draws.held, 1):
        figures[f"n_branches_topic_{topic}"] = branches_by(month)
    figures.update(_count_speakers(branches, draws, spoke))
    return figures


def _count_speakers(
    branches: pd.DataFrame, draws: Draws, leaders_spoke: np.ndarray
) -> Figures:
    """Ordinary members who spoke: distinct, and by topic with repeats and leaders."""
    ordinary = (branches["n_members"] - branches["n_leaders"]).to_numpy()
    months = np.arange(N_MONTHS)
    held = np.stack(draws.held, axis=1)
    is_held = held[:, :, None] <= months
    months_since_first = np.clip(months - held.min(axis=1)[:, None], 0, None)
    share = np.einsum("bt,btm->bm", draws.topic_speakers_share, is_held)
    share += draws.later_speakers_share[:, None] * months_since_first
    distinct = np.floor(ordinary[:, None] * np.minimum(share, 1)).astype(int)

    # A new speaker counts for the latest topic that the branch has held.
    latest = np.where(is_held, np.arange(1, 4)[None, :, None], 0).max(axis=1)
    gained = np.diff(distinct, axis=1, prepend=0)
    leaders_gained = np.diff(leaders_spoke, axis=1, prepend=0)
    members = branches["n_members"].to_numpy()[:, None]
    figures = {"n_members_spoke": distinct}
    for topic in (1, 2, 3):
        is_now = latest == topic
        speakers = np.where(is_now, gained + leaders_gained, 0).cumsum(axis=1)
        repeats = np.floor(0.1 * ordinary)[:, None] * (is_held[:, topic - 1])
        repeats = repeats * (topic > 1)
        speakers = speakers + repeats.astype(int)
        figures[f"n_speakers_topic_{topic}"] = np.minimum(speakers, members)
    return figures


def _month_reached(
    readiness: np.ndarray, pace: tuple[float, ...], start: int
) -> np.ndarray:
    """Month in which each reaches the goal when the readiest `pace` share goes first.

    The city-wide shares are met exactly (to one unit), whatever the readiness.
    """
    cuts = np.quantile(readiness, 1 - np.array(pace))
    n_months_reached = (readiness[:, None] >= cuts).sum(axis=1)
    return np.where(n_months_reached == 0, NEVER, start + len(pace) - n_months_reached)


def limit_for(scores: np.ndarray, wanted: int) -> float:
    """The limit at which exactly `wanted` of `scores` take place (or as near as can).

    >>> limit_for(np.array([0.5, 0.1, np.inf, 0.3]), 2)
    0.3
    """
    finite = np.sort(scores[np.isfinite(scores)])
    if wanted <= 0 or not len(finite):
        return -1.0
    return float(finite[min(wanted, len(finite)) - 1])

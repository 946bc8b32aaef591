"""What a visit writes down beyond verdicts and looks: papers, atmosphere, problems.

The details bear the four looks out: where the records passed, the minutes were there;
where a notice board was lacking, the problem says so. Cold branches show less.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

# How a visit was made, by the way its branch was chosen.
METHODS = {
    "随机": {"抽查": 0.6, "调阅": 0.25, "访谈": 0.15},
    "定向": {"抽查": 0.4, "巡回": 0.2, "访谈": 0.2, "约谈": 0.2},
    "备检点": {"巡回": 0.8, "访谈": 0.2},
}
SEES_PAPERS = ("巡回", "抽查", "调阅")
SEES_THE_PLACE = ("巡回", "抽查", "访谈")
MEMBERS_TALKED = {"巡回": 3.0, "抽查": 2.0, "调阅": 0.0, "访谈": 6.0, "约谈": 3.0}
# How easily each is found where its look failed, on the scale of warmth.
PAPERS = {
    "has_plan": 1.6,
    "has_schedule": 1.0,
    "has_lecture_plan": 0.4,
    "has_minutes": 0.2,
    "has_notebooks": -0.1,
    "has_reflections": -0.7,
}
ATMOSPHERE = {
    "has_basic_board": 0.9,
    "has_special_board": -1.2,
    "has_reflections_shown": -0.8,
    "shows_identity": 0.1,
}
QUALITIES = {
    "has_study_quality": 0.0,
    "has_models": -0.3,
    "has_remedies": -0.2,
    "has_results": 0.2,
}
# What a passed look adds to the ease of its details, and the look that each rests on.
PASSED = 2.2
LOOK_OF_QUALITY = {
    "has_study_quality": "has_discussion",
    "has_models": "has_case",
    "has_remedies": "has_records",
    "has_results": "has_discussion",
}
# Without fail where the look passed.
CERTAIN = {"has_records": "has_minutes", "has_atmosphere": "has_basic_board"}


def add_details(
    checks: pd.DataFrame, branches: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """The checks with method, papers, atmosphere, qualities, problems and talks.

    Parameters
    ----------
    checks
        As of `draw_spot_checks`.
    branches
        As of `make_branches`.
    seed
        The same seed writes down the same; the checks themselves stay as they are.

    Returns
    -------
    DataFrame
        `checks` and the optional columns of the table spot_check, in the words people
        write; None where the visit did not look for it or found no problem.
    """
    rng = np.random.default_rng([seed, 11])
    n = len(checks)
    people = branches.set_index("branch")[["warmth", "n_members"]]
    people = people.loc[checks["branch"]]
    warmth = people["warmth"].to_numpy() + (checks["selection"] == "备检点").to_numpy()
    method = _choose_methods(checks["selection"], rng)

    def see(
        eases: Mapping[str, float], look: Mapping[str, str], is_seen: np.ndarray
    ) -> dict[str, np.ndarray]:
        seen = {}
        for item, ease in eases.items():
            passed = (checks[look[item]] == "是").to_numpy()
            is_there = warmth + ease + PASSED * passed + rng.logistic(0, 0.6, n) > 0
            if CERTAIN.get(look[item]) == item:
                is_there |= passed
            seen[item] = np.where(is_there, "是", "否").astype(object)
            seen[item][~is_seen] = None
        return seen

    details = {"method": method}
    is_seen = np.isin(method, SEES_PAPERS)
    details |= see(PAPERS, dict.fromkeys(PAPERS, "has_records"), is_seen)
    is_seen = np.isin(method, SEES_THE_PLACE)
    details |= see(ATMOSPHERE, dict.fromkeys(ATMOSPHERE, "has_atmosphere"), is_seen)
    details |= see(QUALITIES, LOOK_OF_QUALITY, np.ones(n, dtype=bool))
    found = checks.assign(**details)
    mean_talked = [MEMBERS_TALKED[word] for word in method]
    talked = np.minimum(rng.poisson(mean_talked), people["n_members"].to_numpy())
    return found.assign(
        problem_kinds=_name_problems(found, warmth, rng), n_members_talked=talked
    )


def _choose_methods(selection: pd.Series, rng: np.random.Generator) -> np.ndarray:
    luck, method = rng.random(len(selection)), np.empty(len(selection), dtype=object)
    for word, shares in METHODS.items():
        is_in = (selection == word).to_numpy()
        step = np.searchsorted(np.cumsum([*shares.values()])[:-1], luck[is_in], "right")
        method[is_in] = np.array([*shares], dtype=object)[step]
    return method


def _name_problems(
    found: pd.DataFrame, warmth: np.ndarray, rng: np.random.Generator
) -> Sequence[str | None]:
    """Kinds of problem of each visit, joined by 、, as its findings suggest them."""
    luck = rng.random((len(found), 6))

    def lacks(*columns: str) -> np.ndarray:
        return (found[[*columns]] == "否").all(axis=1).to_numpy()

    kinds = {
        "学习不深入": lacks("has_notebooks")
        | (lacks("has_study_quality") & (luck[:, 0] < 0.3)),
        "走过场": lacks("has_discussion") & (luck[:, 1] < 0.35),
        "两张皮": lacks("has_study_quality", "has_results") & (luck[:, 2] < 0.5),
        "宣传栏缺失": lacks("has_basic_board"),
        "党章未通读": luck[:, 3] < 0.08 * np.exp(-0.6 * warmth),
        "制度不落实": lacks("has_minutes") & (luck[:, 4] < 0.7),
        "督导力量不足": luck[:, 5] < 0.01,
    }
    words = np.array([*kinds], dtype=object)
    named = np.stack([*kinds.values()], axis=1)
    return ["、".join(words[is_named]) or None for is_named in named]

"""A roll of four branches, one of them without a name and a township."""

import pandas as pd

ROLL = pd.DataFrame(
    [
        (
            "350102-C0010",
            "鼓东社区第10党支部",
            "G1",
            "350102",
            "鼓东街道",
            "community",
        ),
        (
            "350102-C0001",
            "鼓东社区第1党支部",
            "G1",
            "350102",
            "鼓东街道",
            "community",
        ),
        ("350181-R0001", "龙田镇上一村党支部", "G2", "350181", "龙田镇", "rural"),
        ("GQ-E1", None, "G3", "GQ", None, "soe"),
    ],
    columns=[
        *("branch", "branch_name", "supervision_group", "unit", "township", "sector"),
    ],
)

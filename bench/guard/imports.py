"""The part of a clean scenario that checks of amounts and counts find hardest: nothing is wrong.

Files that people load into a service: fewer in one half of the year than in the other, a tenth of
them a hundred times as large as the rest, and these come in bunches, many in some weeks and none
in most.
"""

import numpy as np
import pandas as pd

SEASON = 0.6
"""Share of the mean number by which weeks lie above and below it in the course of a year."""
LARGE_SHARE, LARGE_FACTOR = 0.1, 100
BUNCHING = 4
"""How many draws a week's share of large ones is worth: the fewer, the more it swings."""
ROWS, SCATTER = 400.0, 0.5
WRONG_SHARE = 0.3
"""Of imports with rows that can't be used."""


def season(seed: int, days: int) -> np.ndarray:
    """Return by how many times a day has more imports than the mean one."""
    begin = np.random.default_rng([seed, 46]).random()
    return 1 + SEASON * np.sin(2 * np.pi * (np.arange(days) / 365.25 + begin))


def imports(seed: int, times: np.ndarray, weeks: np.ndarray, people: pd.DataFrame) -> pd.DataFrame:
    """Return an import at each of these times (ms), in these weeks, from draws of its own."""
    rng = np.random.default_rng([seed, 47])
    count = len(times)
    shares = rng.beta(
        LARGE_SHARE * BUNCHING, (1 - LARGE_SHARE) * BUNCHING, int(weeks.max(initial=0)) + 1
    )
    is_large = rng.random(count) < shares[weeks]
    factors = np.where(is_large, LARGE_FACTOR, 1)
    rows = np.ceil(np.exp(rng.normal(np.log(ROWS), SCATTER, count)) * factors)
    is_wrong = rng.random(count) < WRONG_SHARE
    wrong = np.where(is_wrong, np.ceil(rows * rng.beta(1, 20, count)), 0)
    by = people.iloc[rng.integers(len(people), size=count)]
    states = np.where(is_wrong, '"mended"', '"clean"')
    return pd.DataFrame(
        {
            "source": "loader", "type": "import.finished",
            "subject": np.array([f"f{number:05d}" for number in range(count)], dtype=object),
            "actorid": by["actorid"].to_numpy(object),
            "segmentid": by["segmentid"].to_numpy(object),
            "time": times,
            "data.state": states.astype(object),
            "data.rows": rows.astype("int64").astype(str).astype(object),
            "data.wrong_rows": wrong.astype("int64").astype(str).astype(object),
        }
    )  # fmt: skip

"""A balancing metric is shown to hold, shown to be worse, or neither; silence is not balance."""

import duckdb
import numpy as np
import pytest
from scipy import stats

from tests.signals.world import Week, World, monday
from tests.sql import render

Z90, Z95 = stats.norm.ppf(0.95), stats.norm.ppf(0.975)
ROW = "before_value, after_value, difference, ci_low, ci_high, state, method, reason"


def stable_lead(count: int) -> list[Week]:
    """Return weeks of a lead without a signal."""
    return [Week(26 + (1, -2, 2, -1)[i % 4]) for i in range(count)]


def improving_lead(count: int, start: int) -> list[Week]:
    """Return weeks of a lead that falls far below its baseline in week `start`."""
    return [Week((26 if i < start else 15) + (1, -2, 2, -1)[i % 4]) for i in range(count)]


def spread(x: int, n: int, weeks: int) -> list[Week]:
    """Spread x of n over weeks, as evenly as whole numbers go."""
    return [
        Week((i + 1) * x // weeks - i * x // weeks, (i + 1) * n // weeks - i * n // weeks)
        for i in range(weeks)
    ]


def latest(world: World, columns: str = ROW, week: int | None = None) -> tuple:
    """Return the state of the only balance in the latest (or a given) week."""
    (row,) = world.execute(
        f"select {columns} from signals.int_balance_windows where week_start_date = ?",
        [monday(world.week_count - 1 if week is None else week)],
    )
    return row


def judge(
    world: World,
    kind: str,
    weeks: list[Week],
    margin: float,
    *,
    lead: list[Week] | None = None,
    scale: str = "absolute",
    pool: int | None = None,
    **terms: str,
) -> None:
    """Judge one balance of a lead (stable, unless given) to the end."""
    world.add_metric("lead", "stock", lead or stable_lead(len(weeks)))
    world.add_metric("balance", kind, weeks, **terms)
    world.add_kpi("lead", {"balance": (margin, scale, pool)})
    world.judge()
    world.conclude()


@pytest.mark.parametrize(
    ("before", "after", "margin", "interval", "state"),
    [
        ((60, 600), (66, 600), 0.05, (-0.01923822011, 0.03927880177), "held"),
        ((6, 60), (9, 60), 0.1, (-0.0518925604, 0.1524227697), "unresolved"),
        ((10, 100), (30, 100), 0.1, (0.1081055448, 0.2889729888), "breached"),
    ],
)
def test_worked_shares_have_the_newcombe_interval_and_state(
    world: World, before: tuple, after: tuple, margin: float, interval: tuple, state: str
) -> None:
    judge(world, "proportion", [*spread(*before, 16), *spread(*after, 8)], margin)
    _, _, difference, low, high, judged, method, _ = latest(world)
    assert difference == pytest.approx(after[0] / after[1] - before[0] / before[1])
    assert (low, high) == pytest.approx(interval, rel=1e-6)
    assert (judged, method) == (state, "newcombe")


def test_ten_against_ten_is_unresolved(world: World) -> None:
    judge(world, "proportion", [*spread(1, 16, 16), *spread(2, 10, 8)], 0.1)
    assert latest(world)[5] == "unresolved"


def test_newcombe_of_two_wilson_limits_is_the_worked_one() -> None:
    sides = [(8, 10), (4, 9)]
    limits = []
    for x, n in sides:
        low, high = (
            render(
                "{{ score_limit('x', 'n', z, side) }}".replace("z,", f"{Z95},").replace(
                    "side", f"'{side}'"
                )
            )
            for side in ("lower", "upper")
        )
        limits.append(
            duckdb.sql(f"select {low}, {high} from (select {x}.0 as x, {n}.0 as n)").fetchall()[0]
        )
    (l1, u1), (l2, u2) = limits
    p1, p2 = 0.8, 4 / 9
    assert p1 - p2 - np.hypot(p1 - l1, u2 - p2) == pytest.approx(-0.06807750109)
    assert p1 - p2 + np.hypot(u1 - p1, p2 - l2) == pytest.approx(0.6486512227)


@pytest.mark.parametrize(
    ("direction", "after", "state"),
    [
        ("down", 30, "breached"),
        ("down", 2, "held"),
        ("up", 30, "held"),
        ("up", 2, "breached"),
        ("band", 30, "breached"),
        ("band", 2, "breached"),
        ("band", 10, "held"),
    ],
)
def test_direction_tells_what_is_worse(
    world: World, direction: str, after: int, state: str
) -> None:
    weeks = [*spread(160, 1600, 16), *spread(after * 8, 800, 8)]
    judge(world, "proportion", weeks, 0.03, direction=direction)
    assert latest(world)[5] == state


def test_rates_have_the_mover_interval_from_garwood_limits(world: World) -> None:
    judge(world, "count_rate", [*spread(32, 160, 16), *spread(24, 80, 8)], 0.2)
    low, high = latest(world)[3:5]

    def garwood(count: int) -> tuple[float, float]:
        return stats.chi2.ppf(0.05, 2 * count) / 2, stats.chi2.ppf(0.95, 2 * count + 2) / 2

    (l0, u0), (l1, u1) = (garwood(32), garwood(24))
    r0, r1 = 32 / 160, 24 / 80
    assert low == pytest.approx(r1 - r0 - np.hypot(r1 - l1 / 80, u0 / 160 - r0))
    assert high == pytest.approx(r1 - r0 + np.hypot(u1 / 80 - r1, r0 - l0 / 160))
    assert latest(world)[6] == "mover_garwood"


def test_counts_beyond_the_table_have_byar_limits(world: World) -> None:
    judge(world, "count_rate", [*spread(1600, 160, 16), *spread(800, 80, 8)], 2.0)
    low, high = latest(world)[3:5]
    exact = [stats.chi2.ppf(q, 2 * c) / 2 for q, c in ((0.05, 800), (0.95, 801))]
    base = [stats.chi2.ppf(q, 2 * c) / 2 for q, c in ((0.05, 1600), (0.95, 1601))]
    half_low = np.hypot(10 - exact[0] / 80, base[1] / 160 - 10)
    half_high = np.hypot(exact[1] / 80 - 10, 10 - base[0] / 160)
    assert (low, high) == pytest.approx((-half_low, half_high), rel=2e-3)


def test_scatter_beyond_chance_widens_the_interval(world: World) -> None:
    wild = [Week(x, 100) for x in (5, 40, 12, 33, 8, 38, 15, 30) * 3]
    judge(world, "proportion", wild, 0.1)
    assert world.execute(
        "select sigma_z > 2 from state.limit_segments where metric_id = 'balance'"
    ) == [(True,)]
    low, high = latest(world)[3:5]
    total = sum(int(w.numerator) for w in wild[:16])
    p = total / 1600
    assert high - low > 2 * 2 * Z90 * np.sqrt(p * (1 - p) * (1 / 1600 + 1 / 800))


def test_durations_have_the_welch_interval(world: World) -> None:
    rng = np.random.default_rng(8)
    samples = [rng.normal(20, 2, 6) for _ in range(16)] + [rng.normal(21, 4, 6) for _ in range(8)]
    weeks = [Week(s.sum(), 6, float((s**2).sum())) for s in samples]
    judge(world, "duration", weeks, 3.0)
    before, after = np.concatenate(samples[:16]), np.concatenate(samples[16:])
    exact = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.9)
    assert latest(world)[3:5] == pytest.approx((exact.low, exact.high), rel=2e-3)
    assert latest(world)[6] == "welch"


def test_fewer_than_twelve_durations_a_side_have_no_interval(world: World) -> None:
    pairs = [(18.0, 22.0), (17.0, 22.0), (18.0, 23.0), (17.0, 23.0)] * 6
    weeks = [Week(3 * sum(p), 6, 3 * sum(v * v for v in p)) for p in pairs[:16]]
    weeks += [Week(p[i % 2], 1, p[i % 2] ** 2) for i, p in enumerate(pairs[16:])]
    judge(world, "duration", weeks, 30.0)
    assert latest(world, "ci_low, ci_high, before_n, after_n") == (None, None, 96, 8)


def test_stock_has_the_interval_of_its_sigma(world: World) -> None:
    judge(world, "stock", [Week(v) for v in [10, 12, 11, 9] * 6], 3.0)
    (sigma,) = world.execute(
        "select sigma_hat from state.limit_segments where metric_id = 'balance'"
    )[0]
    low, high = latest(world)[3:5]
    assert (high - low) / 2 == pytest.approx(Z90 * sigma * np.sqrt(1 / 8 + 1 / 16))
    assert latest(world)[5:7] == ("held", "sigma_hat")


def test_degenerate_baseline_still_serves_as_before(world: World) -> None:
    judge(world, "proportion", [Week(0, 100)] * 24, 0.01)
    assert latest(world)[0] == 0
    assert latest(world)[5] == "held"


def test_provisional_baseline_is_no_baseline(world: World) -> None:
    judge(world, "proportion", [Week(0, 0)] * 9 + [Week(10, 100)] * 15, 0.5, lead=stable_lead(24))
    assert latest(world)[5:] == ("unresolved", None, "no_baseline")


def test_pool_sets_the_length_of_after(world: World) -> None:
    judge(world, "proportion", spread(400, 4000, 40), 0.05, pool=13)
    assert latest(world, "after_from_date, after_to_date, after_n") == (
        monday(27),
        monday(39),
        1300,
    )


def test_without_pool_after_is_the_last_eight_weeks(world: World) -> None:
    judge(world, "proportion", spread(400, 4000, 40), 0.05)
    assert latest(world, "after_from_date, after_to_date, after_n") == (monday(32), monday(39), 800)


def test_after_never_reaches_into_the_baseline(world: World) -> None:
    judge(world, "proportion", spread(230, 2300, 23), 0.5)
    assert latest(world)[5:] == ("unresolved", None, "overlaps_baseline")


def test_unripe_weeks_are_left_out_and_a_window_needs_all_its_weeks(world: World) -> None:
    weeks = spread(300, 3000, 30)
    for week in weeks[-3:]:
        week.is_ripe = False
    judge(world, "proportion", weeks, 0.05)
    assert latest(world, "after_to_date, state") == (monday(26), "held")


def test_window_older_than_the_improvement_proves_nothing(world: World) -> None:
    weeks = spread(300, 3000, 30)
    for week in weeks[-3:]:
        week.is_ripe = False
    judge(world, "proportion", weeks, 0.05, lead=improving_lead(30, 22))
    assert latest(world)[5:] == ("unresolved", None, "signal_too_young")


def test_pool_must_fit_into_the_improvement(world: World) -> None:
    judge(world, "proportion", spread(400, 4000, 40), 0.05, lead=improving_lead(40, 26), pool=13)
    assert latest(world)[5] == "held"
    assert latest(world, week=36)[5:] == ("unresolved", None, "signal_too_young")


@pytest.mark.parametrize("grade", ["C", "D"])
def test_untrusted_balance_is_unresolved(world: World, grade: str) -> None:
    weeks = spread(240, 2400, 24)
    weeks[-3].grade = grade
    judge(world, "proportion", weeks, 0.05)
    assert latest(world)[5] == "unresolved"
    assert latest(world)[7] == "untrusted"


def test_balance_without_a_ripe_period_is_young_and_not_untrusted(world: World) -> None:
    weeks = spread(240, 2400, 24)
    for week in weeks:
        week.is_ripe = False
    judge(world, "proportion", weeks, 0.05)
    assert latest(world)[5:] == ("unresolved", None, "not_ripe")


def test_untrusted_week_is_no_part_of_the_sums(world: World) -> None:
    weeks = spread(240, 2400, 24)
    weeks[18] = Week(100, 100, grade="D")
    judge(world, "proportion", weeks, 0.05)
    assert latest(world, "after_n, after_value, state") == (700, pytest.approx(0.1), "held")


def test_suppressed_balance_is_unresolved(world: World) -> None:
    weeks = spread(240, 2400, 24)
    weeks[-1].is_suppressed = True
    judge(world, "proportion", weeks, 0.05)
    assert latest(world)[5:] == ("unresolved", "newcombe", "suppressed")


def test_chart_breaches_what_the_interval_leaves_open(world: World) -> None:
    weeks = [*[Week(x, 20) for x in (1, 3, 2, 2) * 4], *[Week(1, 20)] * 7, Week(12, 20)]
    judge(world, "proportion", weeks, 0.05)
    assert latest(world, "ci_low < 0 and ci_high > margin") == (True,)
    assert latest(world)[5] == "breached"


def test_chart_does_not_breach_what_the_interval_shows_to_hold(world: World) -> None:
    weeks = [*[Week(x, 400) for x in (40, 42, 38, 41) * 4], *[Week(40, 400)] * 7, Week(90, 400)]
    judge(world, "proportion", weeks, 0.2)
    assert world.execute(
        "select signal from signals.int_signals where metric_id = 'balance'"
        " order by week_start_date desc limit 1"
    ) == [("worsened",)]
    assert latest(world)[5] == "held"


CLUMPED = [0, 0, 0, 8] * 4


def clumped_phi() -> float:
    """Variance over mean of the clumped counts."""
    return float(np.var(CLUMPED, ddof=1) / np.mean(CLUMPED))


def test_rare_events_that_clump_widen_the_interval_by_their_dispersion(world: World) -> None:
    weeks = [Week(x, 20) for x in (*CLUMPED, 2, 2, 2, 2, 2, 2, 2, 2)]
    judge(world, "count_rate", weeks, 0.05)
    low, high = (float(stats.chi2.ppf(p, d) / 2) for p, d in ((0.05, 32), (0.95, 34)))
    before_low, before_high = (float(stats.chi2.ppf(p, d) / 2) for p, d in ((0.05, 64), (0.95, 66)))
    upper = np.hypot((high - 16) / 160, (32 - before_low) / 320) * np.sqrt(clumped_phi())
    lower = np.hypot((16 - low) / 160, (before_high - 32) / 320) * np.sqrt(clumped_phi())
    assert latest(world, "ci_low, ci_high") == pytest.approx((-lower, upper))
    assert latest(world, "state") == ("unresolved",)


def test_ratio_of_rare_events_that_clump_is_widened_too(world: World) -> None:
    weeks = [Week(x, 20) for x in (*CLUMPED, 2, 2, 2, 2, 2, 2, 2, 2)]
    judge(world, "count_rate", weeks, 0.9, scale="ratio")
    low, high = latest(world, "ci_low, ci_high")
    share = stats.beta.ppf(0.95, 17, 32)
    exact = share / (1 - share) * 2
    assert high == pytest.approx(exact ** np.sqrt(clumped_phi()) - 1)
    assert low < 0

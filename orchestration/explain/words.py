"""How `steelyard explain` says figures, and what it calls methods of intervals and charts."""

METHODS = {
    "wilson": "Wilson",
    "garwood": "Garwood, exact for a count",
    "byar": "Byar, for a large count",
    "t": "Student's t",
    "chi_square": "chi-square, for times between failures",
    "chi_square_one_sided": "chi-square, for no failure at all",
    "order_statistics": "ranks of the sorted items",
    "modified_cox": "Cox, for log-normal times",
    "bca_bootstrap": "resampled items (BCa bootstrap)",
    "cluster_bootstrap": "resampled people or items (cluster bootstrap)",
    "newcombe": "Newcombe, for a difference of shares",
    "mover_garwood": "MOVER with Garwood's limits, for a difference of rates",
    "exact_conditional": "exact ratio of two rates",
    "welch": "Welch, for a difference of means",
    "sigma_hat": "the chart's own spread, for a difference of means",
    "chart": "the chart's rules",
}
CHARTS = {
    "xmr_mean": "XmR around the mean",
    "xmr_median": "XmR around the median",
    "laney_p": "Laney's p\u2032",
    "laney_u": "Laney's u\u2032",
    "probability": "probability limits, runs around the median",
    "t_chart": "t-chart of times between failures",
}
CENTRES = {
    "log": "a geometric mean, which lies below the mean that a reading's usual range is around",
    "logit": "a mean of log odds, not of the shares themselves",
}
"""What the centre of a chart is on a scale other than the values' own."""


def figure(number: float) -> str:
    """A number in as many digits as one reads: thousands set apart, four that count, whole counts.

    >>> [figure(n) for n in (132384.81, 679.90438, 4.0, 0.0262582056, 457.0, 0.0)]
    ['132,384.8', '679.9', '4', '0.02626', '457', '0']
    """
    if float(number).is_integer() or abs(number) >= 1000:
        text = f"{number:,.1f}"
        return text.removesuffix(".0")
    return f"{number:.4g}"

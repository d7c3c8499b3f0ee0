"""What the rows of `trust_overrides.csv` must say."""

from collections.abc import Iterator

from orchestration.registry.tables import Problem, Table

MONDAY = 0


def check_trust_overrides(registry: dict[str, Table]) -> Iterator[Problem]:
    """A row lowers a source, a product or a product's metric, over whole weeks in order."""
    for row in registry["trust_overrides"].rows:
        product, metric, source, start, end = (
            row.values[name]
            for name in ("product_id", "metric_id", "source_id", "from_week_date", "to_week_date")
        )
        if (product is None) == (source is None):
            what = "name a product or a source: one of product_id and source_id, not both"
            yield row.problem("product_id", what)
        if metric is not None and product is None:
            yield row.problem("metric_id", "needs the product_id whose metric it is")
        for column, day in (("from_week_date", start), ("to_week_date", end)):
            if day is not None and day.weekday() != MONDAY:
                yield row.problem(column, f"{day} is no Monday; weeks begin on Mondays")
        if end is not None and end < start:
            yield row.problem("to_week_date", f"{end} lies before from_week_date {start}")

"""What sqlfluff takes for dbt's `adapter`: a dispatched macro reads as a call of its name."""

from collections.abc import Callable


def dispatch(macro_name: str, macro_namespace: str | None = None) -> Callable[..., str]:
    """Render `adapter.dispatch('ratio', 'steelyard')('a', 'b')` as `ratio(a, b)`."""
    return lambda *arguments: f"{macro_name}({', '.join(str(a) for a in arguments)})"

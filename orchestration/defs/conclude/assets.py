"""The second dbt run: signals and verdicts from what was judged, and the marts' contracts."""

from orchestration.dbt_assets import layer_assets

conclude = layer_assets("conclude", ["signals", "marts"])

select
    kpi_id,
    product_id,
    metric_id,
    problem_statement_id,
    decision_it_informs,
    question,
    cast(started_date as date) as started_date,
    cast(registry_line as bigint) as registry_line
from {{ source('registry', 'kpis') }}

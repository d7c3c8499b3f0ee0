select
    problem_statement_id,
    product_id,
    stakeholder,
    need,
    insight,
    cast(last_confirmed_date as date) as last_confirmed_date
from {{ source('registry', 'problem_statements') }}

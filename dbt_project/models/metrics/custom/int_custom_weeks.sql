-- the weekly parts of all custom metrics: a further one is one line here
select product_id, metric_id, week_start_date, numerator, denominator, person_count, is_small
from {{ ref('retention') }}
union all
select product_id, metric_id, week_start_date, numerator, denominator, person_count, is_small
from {{ ref('churn') }}
union all
select product_id, metric_id, week_start_date, numerator, denominator, person_count, is_small
from {{ ref('stickiness') }}
union all
select product_id, metric_id, week_start_date, numerator, denominator, person_count, is_small
from {{ ref('activation') }}
union all
select product_id, metric_id, week_start_date, numerator, denominator, person_count, is_small
from {{ ref('funnel') }}
union all
select product_id, metric_id, week_start_date, numerator, denominator, person_count, is_small
from {{ ref('active_people') }}
union all
select product_id, metric_id, week_start_date, numerator, denominator, person_count, is_small
from {{ ref('forecast_error') }}
union all
select product_id, metric_id, week_start_date, numerator, denominator, person_count, is_small
from {{ ref('people_over_limit') }}

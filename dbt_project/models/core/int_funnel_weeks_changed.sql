{% set changed = ref('int_match_values_changed') %}
-- weeks of funnels that entries of an increment's things left or entered
select funnel_id, week_start_date
from {{ ref('int_funnel_weeks_left') }}
union
select funnel_id, week_start_date
from {{ ref('int_funnel_steps') }}
{% if is_increment() -%}
where (product_id, match_value) in (select product_id, match_value from {{ changed }})
{%- else -%}
where false
{%- endif %}

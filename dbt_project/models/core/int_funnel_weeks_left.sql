{% set stored, changed = left_by_earlier_runs('core', 'int_funnel_steps'), ref('int_match_values_changed') %}
-- weeks of funnels in which an increment is about to replace entries: one that leaves a week is known here only
{% if not is_increment() -%}
{{ no_rows({'funnel_id': 'varchar', 'week_start_date': 'date'}) }}
{%- else -%}
select distinct funnel_id, week_start_date
from {{ rows_in_scope(stored, changed, ['product_id', 'match_value']) }} as stored
{%- endif %}

{% set stored, changed = left_by_earlier_runs('core', 'int_task_facts'), ref('int_match_values_changed') %}
-- tasks that an increment is about to replace: which they were is known here only
{% if not is_increment() -%}
{{ no_rows({'task_id': 'varchar'}) }}
{%- else -%}
select task_id
from {{ rows_in_scope(stored, changed, ['product_id', 'match_value']) }} as stored
{%- endif %}

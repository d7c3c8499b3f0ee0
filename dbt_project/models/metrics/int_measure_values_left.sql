{% set columns = {
    'product_id': 'varchar', 'measure_id': 'varchar', 'item_id': 'varchar', 'week_start_date': 'date',
    'subject_id': 'varchar', 'person_id': 'varchar', 'unit_key': 'varchar', 'amount': 'double', 'quantity': 'double',
    'sampled_rate': 'integer',
} %}
{% set stored = left_by_earlier_runs('metrics', 'int_measure_values') %}
{% set changed, unsettled = ref('int_items_changed'), ref('int_measures_unsettled') %}
{% set run_plan = source('built', 'run_plan') %}
-- what an increment is about to replace: the weeks that an item leaves are known here only
{% if not is_increment() -%}
{{ no_rows(columns) }}
{%- else -%}
select {{ columns | join(', ') }}
from {{ rows_in_scope_of_items(stored, changed, unsettled, run_plan) }} as stored
{%- endif %}

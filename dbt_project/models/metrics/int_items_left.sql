{% set columns = {
    'item_kind': 'varchar', 'item_type': 'varchar', 'item_id': 'varchar', 'product_id': 'varchar', 'source_id': 'varchar',
    'subject_id': 'varchar', 'actor_id': 'varchar', 'actor_kind': 'varchar', 'occurred_at': 'timestamp',
    'week_start_date': 'date', 'ended_at': 'timestamp', 'state': 'varchar', 'reopen_count': 'bigint',
    'duration_us': 'bigint', 'working_us': 'bigint', 'paused_us': 'bigint', 'sampled_rate': 'integer',
    'segment_id': 'varchar', 'environment': 'varchar', 'ingress_path': 'varchar', 'data': 'varchar',
} %}
{% set stored = left_by_earlier_runs('metrics', 'int_items') %}
{% set tasks_changed, events_changed = ref('int_match_values_changed'), ref('int_events_changed') %}
-- what an increment is about to replace: items that are gone are known here only
{% if not is_increment() -%}
{{ no_rows(columns) }}
{%- else -%}
select {{ columns | join(', ') }}
from {{ rows_in_scope(stored, events_changed, ['item_id'], ["source_id || '|' || event_id"]) }} as stored
where item_kind = 'event'
union all
select {{ columns | join(', ') }}
from {{ rows_in_scope(stored, tasks_changed, ['product_id', 'match_value']) }} as stored
where item_kind = 'task'
union all
select {{ columns | join(', ') }}
from {{ stored }}
where item_kind not in ('event', 'task')
{%- endif %}

{% set columns = [
    'item_kind', 'item_type', 'item_id', 'product_id', 'source_id', 'subject_id', 'actor_id', 'actor_kind',
    'occurred_at', 'week_start_date', 'ended_at', 'state', 'reopen_count', 'duration_us', 'working_us', 'paused_us',
    'sampled_rate', 'segment_id', 'environment', 'ingress_path', 'data',
] %}
{% set tasks_changed, events_changed = ref('int_match_values_changed'), ref('int_events_changed') %}
-- items that an increment made, changed or took away
with

present as (
    {%- if not is_increment() %}
    select {{ columns | join(', ') }} from {{ ref('int_items') }} where false
    {%- else %}
    select {{ columns | join(', ') }}
    from {{ rows_in_scope(ref('int_items'), events_changed, ['item_id'], ["source_id || '|' || event_id"]) }} as items
    where item_kind = 'event'
    union all
    select {{ columns | join(', ') }}
    from {{ rows_in_scope(ref('int_items'), tasks_changed, ['product_id', 'match_value']) }} as items
    where item_kind = 'task'
    union all
    select {{ columns | join(', ') }}
    from {{ ref('int_items') }}
    where item_kind not in ('event', 'task')
    {%- endif %}
),

changes as (
    (
        select {{ columns | join(', ') }} from present
        except
        select {{ columns | join(', ') }} from {{ ref('int_items_left') }}
    )
    union all
    (
        select {{ columns | join(', ') }} from {{ ref('int_items_left') }}
        except
        select {{ columns | join(', ') }} from present
    )
)

-- items of two kinds may share an id: then both are taken for changed
select distinct item_id
from changes

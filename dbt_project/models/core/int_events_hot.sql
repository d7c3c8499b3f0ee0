{% set classified, run_context = ref('int_events_classified'), source('registry', 'run_context') %}
{% set events = ref('int_events') %}
{% set changed, funnels = ref('int_match_values_changed'), source('registry', 'funnels') %}
{% set events_changed = ref('int_events_changed') %}
{% set values_changed = '(select product_id, match_value from ' ~ changed ~ ')' %}
-- all events, of any age, of the things that an increment's events belong to, and all that share an id with one of
-- these: found by their keys alone, and read once
{% if not is_increment() -%}
select * from {{ events }} where false
{%- else -%}
with

found as (
    select rowid as row_number from {{ classified }} where (product_id, subject_id) in {{ values_changed }}
    union
    select rowid as row_number from {{ classified }} where (product_id, correlation_id) in {{ values_changed }}
    union
    -- a person acts on most days: what they did is asked for only where a funnel is theirs
    select rowid as row_number
    from {{ classified }}
    where (product_id, actor_id) in {{ values_changed }}
        and (product_id, event_type) in (select product_id, event_type from {{ funnels }} where match_key = 'actor')
    union
    select rowid as row_number
    from {{ classified }}
    where id_hash in (select {{ quick_hash(['source_id', 'event_id']) }} from {{ events_changed }})
),

-- apart, since only rows that nothing else is joined to are fetched one by one
fetched as materialized (
    select * from {{ classified }} where rowid in (select row_number from found)
)

select {{ event_columns('events') }}
from fetched as events
cross join {{ run_context }} as run_context
where events.classification = 'accepted'
    and {{ is_known('events') }}
{%- endif %}

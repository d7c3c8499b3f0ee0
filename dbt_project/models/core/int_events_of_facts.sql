{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_events_changed'), ['source_id', 'event_id']) }}"
) }}
{% set events, hot_events, changed = ref('int_events'), ref('int_events_hot'), ref('int_events_changed') %}
{% set types = [
    'actual.observed', 'change.committed', 'change.landed', 'coverage.measured', 'devops_activity.logged', 'forecast.made',
    'iteration.ended', 'iteration.started', 'release.published', 'release.rolled_back', 'service.deployed', 'tag.created',
    'workitem.committed', 'workitem.completed', 'workitem.delivered', 'workitem.withdrawn',
] %}
{% set named = "('" ~ types | join("',\n    '") ~ "')" %}
-- events of the types that facts other than tasks and funnels are made of: few beside all, for which each of those
-- would go through the types of all
with

declared_types as (
    select pause_event_type as event_type
    from {{ source('registry', 'task_types') }}
    where pause_event_type is not null
    union
    select resume_event_type as event_type
    from {{ source('registry', 'task_types') }}
    where resume_event_type is not null
    union
    select value as event_type
    from {{ source('registry', 'settings') }}
    where setting = 'departure_event_type'
)

{% if is_incremental() -%}
select *
from {{ hot_events }}
where
    (event_type in {{ named }} or event_type in (select event_type from declared_types))
    {{ in_scope(changed, ['source_id', 'event_id']) }}
{%- else -%}
{# a scan for one type leaves the columns of all others unread, a list is looked at after they are read -#}
{% for type in types -%}
select * from {{ events }} where event_type = '{{ type }}'
union all
{% endfor -%}
select *
from {{ events }}
where
    event_type in (select event_type from declared_types)
    and event_type not in {{ named }}
{%- endif %}

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_contract_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_contract_weeks_changed') %}
-- grain: source, event type, week, clause of the source's contract and property; how often it was broken
{% set mistyped %}
    (property_kind = 'number' and value_text is not null and {{ safe_number('value_text') }} is null)
    or (property_kind = 'boolean' and lower(value_text) not in ('true', 'false', '1', '0', 'yes', 'no'))
    or (property_kind = 'instant' and value_text is not null and {{ to_utc('value_text', 'UTC') }} is null)
{% endset %}
{#- clauses about whole events, and which events break them -#}
{% set of_events = [
    ('envelope', "reason in ('missing_attribute', 'mistyped_attribute')"),
    ('time', "reason in ('time_in_future', 'unparsable_time')"),
    ('delivered_once', "reason = 'same_id'"),
    ('unique_id', "reason = 'same_id_other_payload'"),
    ('known_product', "classification = 'accepted' and has_unknown_product"),
] %}
with

promised as (
    select source_id, event_type, property, property_kind, is_required
    from {{ source('registry', 'contract_properties') }}
    where is_required or property_kind <> 'text'
),

products as (
    select product_id from {{ source('registry', 'products') }}
),

-- read twice, for few columns the second time: kept, with the data, it would cost more
events as not materialized (
    select
        events.source_id,
        events.event_type,
        {{ evidence_key('events.') }} as evidence_key,
        events.data,
        events.classification,
        events.reason,
        events.counted_week_start_date as week_start_date,
        products.product_id is null as has_unknown_product
    from {{ ref('int_events_known') }} as events
    left join products on events.product_id = products.product_id
    where
        events.source_id is not null
        and events.event_type is not null
        -- nothing is promised of a type that no plan names
        and coalesce(events.reason, '') <> 'unknown_type'
        {% if is_incremental() -%}
        and (events.source_id, events.counted_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

sent as (
    select
        events.source_id,
        events.event_type,
        events.week_start_date,
        events.evidence_key,
        promised.property,
        promised.property_kind,
        promised.is_required,
        {{ json_text('events.data', 'promised.property') }} as value_text
    from events
    inner join promised
        on events.source_id = promised.source_id and events.event_type = promised.event_type
    where events.classification = 'accepted'
),

properties as (
    select
        source_id,
        event_type,
        week_start_date,
        property,
        bool_or(is_required) as is_required,
        bool_or(property_kind <> 'text') as is_typed,
        count(*) as event_count,
        count(value_text) as sent_count,
        {{ smallest_ids('evidence_key', 'value_text is null') }} as missing_keys,
        count(*) filter (where {{ mistyped }}) as mistyped_count,
        {{ smallest_ids('evidence_key', mistyped) }} as mistyped_keys
    from sent
    group by source_id, event_type, week_start_date, property
),

counted as (
    select
        source_id,
        event_type,
        week_start_date,
        {% for clause, is_broken in of_events %}
        count(*) filter (where {{ is_broken }}) as {{ clause }}_count,
        {{ smallest_ids('evidence_key', is_broken) }} as {{ clause }}_keys,
        {% endfor %}
        count(*) as event_count
    from events
    group by source_id, event_type, week_start_date
),

clauses as (
    select
        source_id, event_type, week_start_date, 'required_property' as clause, property, event_count,
        event_count - sent_count as broken_count, missing_keys as evidence
    from properties
    where is_required
    union all
    select
        source_id, event_type, week_start_date, 'property_type' as clause, property, sent_count as event_count,
        mistyped_count as broken_count, mistyped_keys as evidence
    from properties
    where is_typed and sent_count > 0
    {%- for clause, _ in of_events %}
    union all
    select
        source_id, event_type, week_start_date, '{{ clause }}' as clause, '' as property, event_count,
        {{ clause }}_count as broken_count, {{ clause }}_keys as evidence
    from counted
    {%- endfor %}
)

select
    clauses.source_id,
    clauses.event_type,
    clauses.week_start_date,
    clauses.clause,
    clauses.property,
    clauses.event_count,
    clauses.broken_count,
    clauses.evidence
from clauses
inner join {{ source('registry', 'sources') }} as sources on clauses.source_id = sources.source_id

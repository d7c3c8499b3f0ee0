-- grain: source, event type, week, clause of the source's contract and property; how often it was broken
with

promised as (
    select source_id, event_type, property, property_kind, is_required
    from {{ source('registry', 'contract_properties') }}
    where is_required or property_kind <> 'text'
),

products as (
    select product_id from {{ source('registry', 'products') }}
),

events as (
    select
        events.source_id,
        events.event_type,
        events.data,
        events.classification,
        events.reason,
        -- an event whose own time can't be read belongs to the week in which it came
        coalesce(events.occurred_week_start_date, {{ week_start('events.received_at') }}) as week_start_date,
        products.product_id is null as has_unknown_product
    from {{ ref('int_events_known') }} as events
    left join products on events.product_id = products.product_id
    where events.source_id is not null and events.event_type is not null
),

sent as (
    select
        events.source_id,
        events.event_type,
        events.week_start_date,
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
        count(*) filter (
            where (property_kind = 'number' and value_text is not null and {{ safe_number('value_text') }} is null)
            or (property_kind = 'boolean' and lower(value_text) not in ('true', 'false', '1', '0', 'yes', 'no'))
            or (property_kind = 'instant' and value_text is not null and {{ to_utc('value_text', 'UTC') }} is null)
        ) as mistyped_count
    from sent
    group by source_id, event_type, week_start_date, property
),

counted as (
    select
        source_id,
        event_type,
        week_start_date,
        count(*) as event_count,
        count(*) filter (where reason in ('missing_attribute', 'mistyped_attribute')) as envelope_count,
        count(*) filter (where reason in ('time_in_future', 'unparsable_time')) as time_count,
        count(*) filter (where reason = 'same_id_other_payload') as reused_count,
        count(*) filter (where classification = 'accepted' and has_unknown_product) as product_count
    from events
    group by source_id, event_type, week_start_date
),

clauses as (
    select
        source_id, event_type, week_start_date, 'required_property' as clause, property, event_count,
        event_count - sent_count as broken_count
    from properties
    where is_required
    union all
    select
        source_id, event_type, week_start_date, 'property_type' as clause, property, sent_count as event_count,
        mistyped_count as broken_count
    from properties
    where is_typed and sent_count > 0
    {%- for clause, column in [
        ('envelope', 'envelope_count'), ('time', 'time_count'), ('unique_id', 'reused_count'),
        ('known_product', 'product_count'),
    ] %}
    union all
    select
        source_id, event_type, week_start_date, '{{ clause }}' as clause, '' as property, event_count,
        {{ column }} as broken_count
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
    clauses.broken_count
from clauses
inner join {{ source('registry', 'sources') }} as sources on clauses.source_id = sources.source_id

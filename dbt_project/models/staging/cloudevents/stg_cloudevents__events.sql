{% set text_columns = {
    'specversion': 'specversion', 'id': 'event_id', 'source': 'source_id', 'type': 'envelope_type',
    'subject': 'subject_id', 'time': 'occurred_text', 'recordedtime': 'recorded_text',
    'receivedtime': 'received_text', 'sequence': 'sequence', 'correlationid': 'correlation_id',
    'causationid': 'causation_id', 'idempotencykey': 'idempotency_key', 'actorid': 'actor_id',
    'ingresspath': 'ingress_path', 'actorkind': 'actor_kind', 'productid': 'product_id',
    'segmentid': 'segment_id', 'environment': 'environment',
} %}
{% set required = [
    'specversion', 'id', 'source', 'type', 'subject', 'time', 'ingresspath', 'actorkind'
] %}

with

raw_events as (
    select
        file_id,
        line_number,
        {% for attribute, column in text_columns.items() -%}
        nullif("{{ attribute }}", '') as {{ column }},
        {% endfor -%}
        coalesce(cast({{ dbt.safe_cast('sampledrate', 'integer') }} as integer), 1) as sampled_rate,
        coalesce(heartbeat, 'false') = 'true' as is_heartbeat,
        case when mistyped_attributes is null then coalesce(data, '{}') end as data,
        -- the loader reads instants, and keeps the text of what is none
        time_at as occurred_at,
        recordedtime_at as recorded_at,
        receivedtime_at as received_at,
        mistyped_attributes,
        repeated_attributes
    from {{ source('raw', 'cloudevents__events') }}
),

checked as (
    select
        *,
        -- a CDEvents type is dev.cdevents.<subject>.<predicate>.<version>
        envelope_type like 'dev.cdevents.%.%.%' as is_cdevent,
        nullif(concat_ws(
            ', '
            {%- for attribute in required %},
            case
                when {{ text_columns[attribute] }} is null
                    {%- if attribute == 'time' %} and occurred_at is null{% endif %}
                    then '{{ attribute }}'
            end
            {%- endfor %}
        ), '') as missing_attributes,
        coalesce(mistyped_attributes, nullif(concat_ws(
            ', ',
            case when specversion <> '1.0' then 'specversion' end,
            case
                when ingress_path not in ('web', 'cli', 'api', 'import', 'webhook')
                    then 'ingresspath'
            end,
            case
                when actor_kind not in ('human', 'service', 'test', 'bot', 'unknown')
                    then 'actorkind'
            end
        ), '')) as wrong_attributes
    from raw_events
),

timed as (
    select
        *,
        nullif(concat_ws(
            ', ',
            'time ' || left(occurred_text, 60),
            'recordedtime ' || left(recorded_text, 60),
            'receivedtime ' || left(received_text, 60)
        ), '') as unparsable_times
    from checked
)

select
    'cloudevents' as connector,
    file_id,
    line_number,
    1 as event_number,
    event_id,
    source_id,
    case
        when is_cdevent
            then split_part(envelope_type, '.', 3) || '.' || split_part(envelope_type, '.', 4)
        else envelope_type
    end as event_type,
    subject_id,
    product_id,
    occurred_at,
    recorded_at,
    received_at,
    sequence,
    actor_id,
    actor_kind,
    segment_id,
    -- CDEvents keep their properties deeper
    case
        when is_cdevent
            then coalesce(environment, {{ json_text('data', "'$.subject.content.environment.id'") }})
        else environment
    end as environment,
    ingress_path,
    correlation_id,
    causation_id,
    idempotency_key,
    sampled_rate,
    is_heartbeat,
    case
        when is_cdevent then coalesce({{ json_text('data', "'$.subject.content'") }}, data)
        else data
    end as data,
    case
        when repeated_attributes is not null then 'invalid_json'
        when missing_attributes is not null then 'missing_attribute'
        when wrong_attributes is not null then 'mistyped_attribute'
        when unparsable_times is not null then 'unparsable_time'
    end as problem,
    coalesce(
        repeated_attributes || ' given more than once',
        missing_attributes,
        wrong_attributes,
        unparsable_times
    ) as problem_detail
from timed

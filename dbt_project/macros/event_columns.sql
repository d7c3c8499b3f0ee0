{# the columns of `int_events`, from those of classified events -#}
{% macro event_columns(events) -%}
    {%- for column in [
        'event_id', 'source_id', 'product_id', 'event_type', 'subject_id', 'occurred_at', 'received_at',
        'has_receive_clock', 'actor_id', 'actor_kind', 'segment_id', 'environment', 'correlation_id', 'causation_id',
        'ingress_path'
    ] %}
    {{ events }}.{{ column }},
    {%- endfor %}
    coalesce({{ events }}.sampled_rate, 1) as sampled_rate,
    coalesce({{ events }}.is_heartbeat, false) as is_heartbeat,
    {{ events }}.data,
    {{ events }}.occurred_week_start_date as week_start_date,
    {{ events }}.file_id,
    {{ events }}.line_number
{%- endmacro %}

{# when an event became known: an export without a receive clock is taken to have known it when it happened, except
   where its time was made up, which has no week -#}
{% macro known_at(events) -%}
    coalesce(
        case
            when not {{ events }}.has_receive_clock and {{ events }}.occurred_week_start_date is not null
                then {{ events }}.occurred_at
        end,
        {{ events }}.received_at
    )
{%- endmacro %}

{# whether an event was known at the as-of instant -#}
{% macro is_known(events) -%}
    {{ known_at(events) }} <= run_context.as_of_at
{%- endmacro %}

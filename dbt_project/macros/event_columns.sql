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

{# whether an event was known at the as-of instant; an export without a receive clock is taken to have known an
   event when it happened -#}
{% macro is_known(events) -%}
    coalesce(case when not {{ events }}.has_receive_clock then {{ events }}.occurred_at end, {{ events }}.received_at)
    <= run_context.as_of_at
{%- endmacro %}

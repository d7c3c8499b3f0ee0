{#- Every connector answers in the same envelope; what an export cannot say is NULL here, once. -#}
{% macro native_event(columns) -%}
    {%- set text = 'cast(null as varchar)' -%}
    {%- set instant = 'cast(null as timestamp)' -%}
    {%- set envelope = {
        'connector': none, 'file_id': 'file_id', 'line_number': 'line_number',
        'event_number': 'event_number', 'event_id': none, 'source_id': none,
        'event_type': 'event_type', 'subject_id': none, 'product_id': text, 'occurred_at': none,
        'recorded_at': instant, 'received_at': instant, 'sequence': text, 'actor_id': text,
        'actor_kind': "'unknown'", 'segment_id': text, 'environment': text,
        'ingress_path': "'import'", 'correlation_id': text, 'causation_id': text,
        'idempotency_key': text, 'sampled_rate': '1', 'is_heartbeat': 'false', 'data': "'{}'",
        'problem': text, 'problem_detail': text,
    } -%}
    {%- for column in columns if column not in envelope -%}
        {{ exceptions.raise_compiler_error("native_event: no column " ~ column ~ " in the envelope") }}
    {%- endfor -%}
    {%- for column, fallback in envelope.items() %}
    {%- if columns.get(column, fallback) is none -%}
        {{ exceptions.raise_compiler_error("native_event: " ~ column ~ " is required") }}
    {%- endif %}
    {% if column == 'problem_detail' and 'problem' in columns -%}
        case when {{ columns['problem'] }} is not null then {{ columns[column] }} end
    {%- else -%}
        {{ columns.get(column, fallback) }}
    {%- endif %} as {{ column }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

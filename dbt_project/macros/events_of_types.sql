{# events of some types: a scan for one leaves the columns of all others unread, a list is looked at after they are read -#}
{% macro events_of_types(types) -%}
    (
        {%- for type in types %}
        select * from {{ ref('int_events') }} where event_type = '{{ type }}'
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

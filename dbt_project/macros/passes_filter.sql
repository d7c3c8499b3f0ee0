{% macro passes_filter(value_text, operator, threshold) -%}
    case {{ operator }}
        when '=' then
            {{ value_text }} = {{ threshold }}
            or coalesce({{ safe_number(value_text) }} = {{ safe_number(threshold) }}, false)
        when '!=' then
            {{ value_text }} <> {{ threshold }}
            and coalesce({{ safe_number(value_text) }} <> {{ safe_number(threshold) }}, true)
        when 'in' then
            ';' || replace({{ threshold }}, '; ', ';') || ';' like '%;' || {{ value_text }} || ';%'
        when '>' then {{ safe_number(value_text) }} > {{ safe_number(threshold) }}
        when '>=' then {{ safe_number(value_text) }} >= {{ safe_number(threshold) }}
        when '<' then {{ safe_number(value_text) }} < {{ safe_number(threshold) }}
        when '<=' then {{ safe_number(value_text) }} <= {{ safe_number(threshold) }}
        when 'is_true' then lower({{ value_text }}) in ('true', '1', 'yes')
        when 'is_false' then lower({{ value_text }}) in ('false', '0', 'no')
        when 'present' then {{ value_text }} is not null and {{ value_text }} <> ''
        else false
    end
{%- endmacro %}

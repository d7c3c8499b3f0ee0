{% macro byar_limit(event_count, z, side) -%}
    {%- set count = event_count if side == 'lower' else '(' ~ event_count ~ ' + 1)' -%}
    ({{ count }} * power(
        1 - 1 / (9.0 * {{ count }}) {{ '-' if side == 'lower' else '+' }} {{ z }} / (3 * sqrt({{ count }})), 3
    ))
{%- endmacro %}

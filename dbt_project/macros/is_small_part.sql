{# nobody and everybody tell something of each one of a few, and one to four people of themselves; nobody out
   of nobody tells nothing -#}
{% macro is_small_part(part, whole, least_people) -%}
    (
        {{ whole }} > 0
        and (
            {{ whole }} < {{ least_people }}
            or ({{ part }} in (0, {{ whole }}) and {{ whole }} < 2 * {{ least_people }})
            or ({{ part }} > 0 and {{ part }} < {{ least_people }})
            or ({{ part }} < {{ whole }} and {{ whole }} - {{ part }} < {{ least_people }})
        )
    )
{%- endmacro %}

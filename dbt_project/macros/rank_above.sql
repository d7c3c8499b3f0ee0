{% macro rank_above(item_count, share, table_rank) -%}
    case
        when {{ item_count }} <= 200 then {{ table_rank }}
        else ceil({{ item_count }} * {{ share }} + 1.959963984540054 * sqrt({{ item_count }} * {{ share }} * (1 - {{ share }}))) + 1
    end
{%- endmacro %}

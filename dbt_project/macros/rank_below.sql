{% macro rank_below(item_count, share, table_rank) -%}
    case
        when {{ item_count }} <= 200 then {{ table_rank }}
        else floor({{ item_count }} * {{ share }} - 1.959963984540054 * sqrt({{ item_count }} * {{ share }} * (1 - {{ share }})))
    end
{%- endmacro %}

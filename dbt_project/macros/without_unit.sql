{# "from 2.7 to 1.7 days" reads better than "from 2.7 days to 1.7 days" -#}
{% macro without_unit(words, following_words) -%}
    case
        when split_part({{ words }}, ' ', 2) = '' then {{ words }}
        when substr({{ words }}, length(split_part({{ words }}, ' ', 1)) + 1)
            = substr(
                {{ following_words }}, length(split_part({{ following_words }}, ' ', 1)) + 1
            )
            then split_part({{ words }}, ' ', 1)
        else {{ words }}
    end
{%- endmacro %}

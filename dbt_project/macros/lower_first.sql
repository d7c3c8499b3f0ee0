{# "Mean time to publish" becomes "mean time to publish" within a sentence; "MTBF" and "SPM" stay -#}
{% macro lower_first(words) -%}
    case
        when substr({{ words }}, 2, 1) = upper(substr({{ words }}, 2, 1)) then {{ words }}
        else lower(substr({{ words }}, 1, 1)) || substr({{ words }}, 2)
    end
{%- endmacro %}

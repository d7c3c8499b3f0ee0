{# what names an event among those that were found: lines that were set aside may have no id, or another's -#}
{% macro evidence_key(of='') -%}
    case
        when {{ of }}classification = 'quarantined'
            then {{ of }}file_id || ':' || {{ of }}line_number || ':' || {{ of }}event_number
        else {{ of }}event_id
    end
{%- endmacro %}

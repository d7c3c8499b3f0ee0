{#- One clock, one source: a host's owner is a source; checkouts landed from this machine are one. -#}
{% macro git_source_id(repository) -%}
    case
        when {{ repository }} like 'local/%' then 'git-checkout'
        else 'git-' || lower(split_part({{ repository }}, '/', 1))
    end
{%- endmacro %}

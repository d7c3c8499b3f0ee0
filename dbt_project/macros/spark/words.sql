{#- What Spark writes otherwise, in all models alike: the type of texts, numbers with a fraction (which
    are decimals of few digits there), quoted names, two parts of dates, the order within a joined text and the hints
    to inline or to keep. -#}
{% macro spark_words(sql) -%}
    {%- set re = modules.re -%}
    {%- set literal = "('(?:[^']|'')*')" -%}
    {%- set bare = re.sub(literal ~ '|--[^\n]*', '\\1', sql) -%}
    {#- a distinct one beside a distinct count is more than Spark's own can -#}
    {%- set bare = re.sub(
        "string_agg\\(distinct ([\\w.]+), ('[^']*') order by \\1\\)",
        "nullif(array_join(array_sort(collect_set(\\1)), \\2), '')",
        bare
    ) -%}
    {%- set bare = re.sub(
        ",(\\s*'[^']*')\\s+order by ([^()]*(?:\\([^()]*\\)[^()]*)*)\\)", ',\\1) within group (order by \\2)', bare
    ) -%}
    {%- set words = [] -%}
    {%- for part in re.split(literal, bare) -%}
        {%- if loop.index0 % 2 == 0 -%}
            {%- set part = re.sub('\\bvarchar\\b', 'string', part.replace('"', '`')) -%}
            {%- set part = re.sub('\\bas (not )?materialized\\b', 'as', part) -%}
            {%- set part = re.sub('\\bstarts_with\\(', 'startswith(', part) -%}
            {%- set part = re.sub('\\bextract\\(isodow\\b', 'extract(dayofweek_iso', part) -%}
            {%- set part = re.sub('\\bextract\\(isoyear\\b', 'extract(yearofweek', part) -%}
            {%- set part = re.sub('(?<![\\w.])([0-9]+[.][0-9]+)(?![\\w.])', '\\1D', part) -%}
            {%- do words.append(part) -%}
        {%- else -%}
            {#- a backslash is one everywhere else -#}
            {%- do words.append(part.replace('\\', '\\\\')) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(words | join) }}
{%- endmacro %}

{% macro spark__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {{ spark_words(default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit)) }}
{%- endmacro %}

{# a number or an instant where the text is one, else null; views may not use temporary functions -#}
{% macro spark_number(text) -%}
    case
        when regexp_like(
            cast({{ text }} as string),
            '^[ \t\n\r\f]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ \t\n\r\f]*$'
        ) then cast(trim(cast({{ text }} as string)) as double)
    end
{%- endmacro %}

{% macro spark_instant(text) -%}
    case
        when regexp_like(
            {{ text }},
            '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?)?$'
        ) then try_cast({{ text }} as timestamp)
    end
{%- endmacro %}

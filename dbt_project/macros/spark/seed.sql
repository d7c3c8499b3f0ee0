{#- One statement a seed: values bound by dbt-spark would be texts between quotes, with empty fields as 'None' and
    apostrophes as they are. -#}
{% macro spark__create_csv_table(model, agate_table) -%}
    {{ return('') }}
{%- endmacro %}

{% macro spark__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {{ return('') }}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set declared = model['config'].get('column_types', {}) -%}
    {%- set names = agate_table.column_names -%}
    {%- set sql -%}
    select
        {% for name in names -%}
        cast({{ name }} as {{ declared.get(name) or adapter.convert_type(agate_table, loop.index0) }}) as {{ name }}{{ ', ' if not loop.last }}
        {% endfor -%}
    from values
    {% for row in agate_table.rows -%}
        ({%- for value in row -%}
            {%- if value is none -%} null {%- else -%} '{{ (value | string).replace("'", "''") }}' {%- endif -%}
            {{ ', ' if not loop.last }}
        {%- endfor -%}){{ ',' if not loop.last }}
    {% endfor -%}
    as seed ({{ names | join(', ') }})
    {%- endset -%}
    {{ replace_spark_table(this.incorporate(type='table'), sql) }}
    {{ return(sql) }}
{%- endmacro %}

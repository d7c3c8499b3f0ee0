{#- Everything is rebuilt at each run. A table is a folder of Parquet files, which is overwritten: the catalogue
    needs not know what an earlier process left. -#}
{% materialization table, adapter='spark' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {{ replace_spark_table(target, compiled_code) }}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- a view would be computed again by each of its readers -#}
{% materialization view, adapter='spark' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {{ replace_spark_table(target, compiled_code) }}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- only state that outlives a rebuild is appended to; what is added is read before it is written -#}
{% materialization incremental, adapter='spark' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {% if load_cached_relation(this) is none or should_full_refresh() %}
        {{ replace_spark_table(target, compiled_code) }}
    {% else %}
        {{ spark_write('insert into ' ~ target ~ ' by name', compiled_code) }}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- what a contract declares is cast to its types: counts of rows by a window are narrower here -#}
{% macro replace_spark_table(relation, sql) -%}
    {%- set contract = config.get('contract') -%}
    {%- set body -%}
    {%- if contract and contract.enforced -%}
    select
        {% for column in model.columns.values() -%}
        cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}{{ ', ' if not loop.last }}
        {% endfor -%}
    from ({{ sql }}) as model
    {%- else -%}
    {{ sql }}
    {%- endif -%}
    {%- endset -%}
    {%- set month = 'date_format(' ~ config.get('meta', {}).get('clustered_by') ~ ", 'yyyy-MM')" -%}
    {%- if 'clustered_by' in config.get('meta', {}) -%}
        {{ write_spark_months(relation, body, month) }}
    {%- else -%}
        {{ write_spark_table(relation, body) }}
    {%- endif -%}
{%- endmacro %}

{% macro write_spark_table(relation, sql, parted='') -%}
    {% call statement('drop') -%} drop table if exists {{ relation }} {%- endcall %}
    {%- set folder = env_var('STEELYARD_SPARK_TABLES') ~ '/' ~ relation.schema ~ '.db/' ~ this.identifier -%}
    {{ spark_write('create table ' ~ relation ~ ' using parquet ' ~ parted ~ " location '" ~ folder ~ "' as", sql) }}
{%- endmacro %}

{#- What grows with the events lies in a folder a month, each written by one task; models read it without the
    column that says which month it is. A table without rows would leave no file that tells its columns. -#}
{% macro write_spark_months(relation, sql, month) -%}
    {%- set stored = relation.incorporate(path={'identifier': relation.identifier ~ '_by_month'}) -%}
    {% call statement('drop') -%} drop view if exists {{ relation }} {%- endcall %}
    {%- set body -%}
    select *, {{ month }} as month from (
        {{ sql }}
    ) as model
    distribute by {{ month }}
    {%- endset -%}
    {{ write_spark_table(stored, body, 'partitioned by (month)') }}
    {%- set has_rows = run_query('select 1 from ' ~ stored ~ ' limit 1') | length > 0 -%}
    {%- if not has_rows -%} {{ write_spark_table(stored, sql) }} {%- endif -%}
    {% call statement('view') -%}
    create view {{ relation }} as select * {{ 'except (month)' if has_rows }} from {{ stored }}
    {%- endcall %}
{%- endmacro %}

{#- A recursive query reads what stands before the recursion anew at every level: it is computed once. -#}
{% macro spark_write(target, sql) -%}
    {%- set re = modules.re -%}
    {%- set words = namespace(sql=spark_words(sql), before=[], is_before=true) -%}
    {%- if re.search('(?m)^with recursive$', words.sql) -%}
        {%- for whole, name, body in re.findall('(?ms)^(([a-z_]+) as \\(\n(.*?)^\\),?\n)', words.sql) -%}
            {%- if re.search('\\b(?:from|join) ' ~ name ~ '\\b', body) -%} {%- set words.is_before = false -%} {%- endif -%}
            {%- if words.is_before -%}
                {%- do words.before.append(name) -%}
                {%- set words.sql = words.sql.replace(whole, '') -%}
                {% call statement(name) -%} create or replace temporary view {{ name }} as {{ body }} {%- endcall %}
                {% call statement(name) -%} cache table {{ name }} {%- endcall %}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {% call statement('main') -%} {{ target }} {{ words.sql }} {%- endcall %}
    {%- for name in words.before | reverse -%}
        {% call statement(name) -%} drop view {{ name }} {%- endcall %}
    {%- endfor -%}
{%- endmacro %}

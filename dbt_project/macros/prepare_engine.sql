{# what our SQL takes for granted and an engine lacks; run once before the models -#}
{% macro prepare_engine() -%}
    {{ adapter.dispatch('prepare_engine', 'steelyard')() }}
{%- endmacro %}

{% macro default__prepare_engine() -%}{%- endmacro %}

{#- The contracts name their types once, as DuckDB does: `double` is a domain here. Casts that
    answer NULL where the text is none, and rounding to digits of a double, are functions. -#}
{% macro postgres__prepare_engine() -%}
    do $block$ begin
        create domain public.double as double precision;
    exception when duplicate_object then null;
    end $block$;

    create or replace function public.steelyard_number(number_text text) returns double precision
    immutable strict parallel safe language sql return case
        when number_text ~ '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?\s*$'
            then cast(number_text as double precision)
    end;

    create or replace function public.steelyard_is_date(year integer, month integer, day integer)
    returns boolean immutable strict parallel safe language sql return
        year > 0 and month between 1 and 12 and day between 1 and case
            when month in (4, 6, 9, 11) then 30
            when month <> 2 then 31
            when (year % 4 = 0 and year % 100 <> 0) or year % 400 = 0 then 29
            else 28
        end;

    create or replace function public.steelyard_instant(instant_text text) returns timestamp
    immutable strict parallel safe language sql return case
        when instant_text ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?)?$'
            and public.steelyard_is_date(
                cast(substr(instant_text, 1, 4) as integer),
                cast(substr(instant_text, 6, 2) as integer),
                cast(substr(instant_text, 9, 2) as integer)
            )
            then cast(instant_text as timestamp)
    end;

    create or replace function public.round(number double precision, digits integer)
    returns double precision immutable strict parallel safe language sql
    return sign(number) * floor(abs(number) * 10.0 ^ digits + 0.5) / 10.0 ^ digits
{%- endmacro %}

{#- Spark's catalogue lives as long as its process: it is told of each folder of Parquet that it may read, be it
    given from the workspace's file or left by an earlier process. Dropping a table leaves its folder. -#}
{% macro spark__prepare_engine() -%}
    {%- if execute -%}
    {%- set declared = fromjson(env_var('STEELYARD_SPARK_DECLARED', '{}')) -%}
    {%- for schema, tables in declared.items() -%}
        {%- do run_query('create schema if not exists ' ~ schema) -%}
        {%- for table, columns_and_folder in tables.items() -%}
            {%- do run_query('drop table if exists ' ~ schema ~ '.' ~ table) -%}
            {%- do run_query('create table ' ~ schema ~ '.' ~ table ~ ' ' ~ columns_and_folder) -%}
            {%- do adapter.cache_added(api.Relation.create(schema=schema, identifier=table, type='table')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

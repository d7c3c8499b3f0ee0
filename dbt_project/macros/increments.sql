{# whether this run adds to what earlier ones left; else it computes everything -#}
{% macro is_increment() -%}
    {{ return(not flags.FULL_REFRESH) }}
{%- endmacro %}

{# what an earlier run left of a model that itself depends on the one that asks -#}
{% macro left_by_earlier_runs(schema, model) -%}
    {{ return(api.Relation.create(database=target.database or none, schema=schema, identifier=model)) }}
{%- endmacro %}

{# whether this run adds to what earlier ones left of such a model -#}
{% macro is_left_by_earlier_runs(relation) -%}
    {{ return(is_increment() and adapter.get_relation(relation.database, relation.schema, relation.identifier) is not none) }}
{%- endmacro %}

{# before rows are added: take out those that they replace, whose key is in `scope`, where it may have other names -#}
{% macro replaced_by(scope, columns, scope_columns=none) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as target
    where ({{ columns | join(', ') }}) in (select {{ (scope_columns or columns) | join(', ') }} from {{ scope }})
    {%- endif -%}
{%- endmacro %}

{# the same for rows that meet a condition -#}
{% macro replaced_where(condition) -%}
    {%- if is_incremental() -%} delete from {{ this }} where {{ condition }} {%- endif -%}
{%- endmacro %}

{# in an increment: only rows whose key is in `scope` -#}
{% macro in_scope(scope, columns) -%}
    {%- if is_incremental() -%}
    {%- set plain = [] -%}
    {%- for column in columns %}{% set _ = plain.append(column.split('.')[-1]) %}{% endfor -%}
    and ({{ columns | join(', ') }}) in (select {{ plain | join(', ') }} from {{ scope }})
    {%- endif -%}
{%- endmacro %}

{# rows of a stored table whose key is in `scope`, all of them where everything is computed. They are found by their
   keys alone and fetched by their place: read beside the keys, every other column would be read nearly whole -#}
{% macro rows_in_scope(relation, scope, columns, scope_columns=none) -%}
    {%- set found -%}
    select rowid from {{ relation }}
    where ({{ columns | join(', ') }}) in (select {{ (scope_columns or columns) | join(', ') }} from {{ scope }})
    {%- endset -%}
    {{ rows_at(relation, found) }}
{%- endmacro %}

{# rows of a stored table by their places; an incremental model that isn't there yet is made of everything -#}
{% macro rows_at(relation, places) -%}
    {%- if (is_incremental() if model.config.materialized == 'incremental' else is_increment()) -%}
    (select * from {{ relation }} where rowid in ({{ places }}))
    {%- else -%} {{ relation }} {%- endif -%}
{%- endmacro %}

{# a table of these columns and types without rows: what a run leaves of a scope that it doesn't need -#}
{% macro no_rows(columns) -%}
    select
    {%- for column, type in columns.items() %}
        cast(null as {{ type }}) as {{ column }}{{ "," if not loop.last }}
    {%- endfor %}
    where false
{%- endmacro %}

{# the same two for rows of periods of a metric -#}
{% macro replaced_by_periods(scope, metric='metric_id') -%}
    {{ replaced_by(
        scope,
        ['product_id', metric, 'period_grain', 'period_start_date'],
        ['product_id', 'metric_id', 'period_grain', 'period_start_date'],
    ) }}
{%- endmacro %}

{% macro in_scope_of_periods(scope, alias='') -%}
    {{ in_scope(
        scope, [alias ~ 'product_id', alias ~ 'metric_id', alias ~ 'period_grain', alias ~ 'period_start_date']
    ) }}
{%- endmacro %}

{# and for what measures make of items: those that changed or have fallen due since, and all of unsettled measures -#}
{% macro replaced_by_items(changed, unsettled, run_plan) -%}
    {{ replaced_where('rowid in (' ~ places_of_items(this, changed, unsettled, run_plan) ~ ')') }}
{%- endmacro %}

{% macro in_scope_of_items(changed, unsettled, run_plan) -%}
    {%- if is_incremental() %}
    and (
        item_id in (select item_id from {{ changed }})
        or measure_id in (select measure_id from {{ unsettled }})
        or anchored_at > (select earlier_as_of_at from {{ run_plan }})
    )
    {%- endif -%}
{%- endmacro %}

{% macro rows_in_scope_of_items(relation, changed, unsettled, run_plan) -%}
    {{ rows_at(relation, places_of_items(relation, changed, unsettled, run_plan)) }}
{%- endmacro %}

{% macro places_of_items(relation, changed, unsettled, run_plan) -%}
    select rowid from {{ relation }} where item_id in (select item_id from {{ changed }})
    union all
    select rowid from {{ relation }} where measure_id in (select measure_id from {{ unsettled }})
    union all
    select rowid from {{ relation }} where anchored_at > (select earlier_as_of_at from {{ run_plan }})
{%- endmacro %}

{# the same of items that no measure has picked yet, more rather than too few: what neither changed nor came since may
   still fall due, or be followed, where a measure of its type has a deadline or is unsettled -#}
{% macro items_in_scope(items, measures, changed, unsettled, run_plan) -%}
    {%- set places -%}
    select rowid from {{ items }} where item_id in (select item_id from {{ changed }})
    union all
    select rowid from {{ items }} where occurred_at > (select earlier_as_of_at from {{ run_plan }})
    union all
    select rowid from {{ items }} where (item_kind, coalesce(item_type, '')) in (
        select item_kind, coalesce(item_type, '') as item_type from {{ measures }}
        where anchor = 'deadline' or measure_id in (select measure_id from {{ unsettled }})
    )
    {%- endset -%}
    {{ rows_at(items, places) }}
{%- endmacro %}

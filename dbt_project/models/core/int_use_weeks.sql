{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'person_id'], ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
-- weeks in which a person used a product, with the first ever and the neighbours
with

weeks as (
    select product_id, person_id, week_start_date, count(*) as day_count
    from {{ rows_in_scope(ref('int_use_days'), changed, ['product_id', 'person_id'], ['product_id', 'match_value']) }} as days
    group by product_id, person_id, week_start_date
)

select
    product_id,
    person_id,
    week_start_date,
    day_count,
    min(week_start_date) over (partition by product_id, person_id) as first_week_start_date,
    lag(week_start_date) over (partition by product_id, person_id order by week_start_date) as previous_week_start_date,
    lead(week_start_date) over (partition by product_id, person_id order by week_start_date) as next_week_start_date
from weeks

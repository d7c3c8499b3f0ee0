-- bounded retention by calendar week: who of a week's newcomers used the product k weeks later
{% set most_weeks = 12 %}

with

run_context as (
    select {{ week_start('as_of_at') }} as last_week_start_date
    from {{ source('registry', 'run_context') }}
),

use_weeks as (
    select
        product_id,
        person_id,
        week_start_date,
        first_week_start_date,
        {{ whole_weeks('first_week_start_date', 'week_start_date') }} as week_number
    from {{ ref('int_use_weeks') }}
),

cohorts as (
    select product_id, week_start_date as cohort_week_start_date, count(*) as cohort_people
    from use_weeks
    where week_number = 0
    group by product_id, week_start_date
),

week_numbers as (
    {% for number in range(1, most_weeks + 1) %}
    select {{ number }} as week_number {{ 'union all' if not loop.last }}
    {% endfor %}
),

returned as (
    select product_id, first_week_start_date as cohort_week_start_date, week_number, count(*) as retained_people
    from use_weeks
    group by product_id, first_week_start_date, week_number
),

cells as (
    select
        cohorts.product_id,
        cohorts.cohort_week_start_date,
        week_numbers.week_number,
        cohorts.cohort_week_start_date + 7 * week_numbers.week_number as week_start_date,
        cohorts.cohort_people,
        coalesce(returned.retained_people, 0) as retained_people,
        cast({{ setting_number('suppression_k', 5) }} as integer) as least_people
    from cohorts
    cross join week_numbers
    cross join run_context
    left join returned
        on
            cohorts.product_id = returned.product_id
            and cohorts.cohort_week_start_date = returned.cohort_week_start_date
            and week_numbers.week_number = returned.week_number
    where cohorts.cohort_week_start_date + 7 * week_numbers.week_number <= run_context.last_week_start_date
),

judged as (
    select
        *,
        {{ from_reporting_zone('week_start_date + 7') }} as week_end_at,
        {{ is_small_part('retained_people', 'cohort_people', 'least_people') }} as is_small
    from cells
),

-- the cells of one calendar week add up to its active people
diagonals as (
    select
        *,
        count(case when is_small then 1 end) over (partition by product_id, week_start_date) as small_cell_count,
        coalesce(sum(case when is_small then retained_people end) over (partition by product_id, week_start_date), 0)
            as small_people
    from judged
)

select
    diagonals.product_id,
    diagonals.cohort_week_start_date,
    diagonals.week_number,
    diagonals.week_start_date,
    diagonals.cohort_people,
    diagonals.retained_people,
    coalesce(diagonals.week_end_at <= horizons.known_until_at, false) as is_complete,
    diagonals.is_small
    or diagonals.small_cell_count = 1
    or (diagonals.small_cell_count > 0 and diagonals.small_people < diagonals.least_people) as is_small
from diagonals
left join {{ ref('int_use_horizons') }} as horizons on diagonals.product_id = horizons.product_id

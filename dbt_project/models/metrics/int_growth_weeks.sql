-- growth accounting: how many people of each state a product has in a week
{% set states = ['new', 'retained', 'resurrected', 'churned', 'departed'] %}

with

run_context as (
    select {{ week_start('as_of_at') }} as last_week_start_date
    from {{ source('registry', 'run_context') }}
),

counted as (
    select
        product_id,
        week_start_date,
        count(*) filter (where growth_state in ('new', 'retained', 'resurrected')) as active_people,
        {% for state in states %}
        count(*) filter (where growth_state = '{{ state }}') as {{ state }}_people{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_growth_states') }}
    group by product_id, week_start_date
),

spine as (
    select product_id, {{ weeks_between('first_week', 'last_week') }} as week_start_date
    from (
        select
            counted.product_id,
            min(counted.week_start_date) as first_week,
            max(run_context.last_week_start_date) as last_week
        from counted
        cross join run_context
        group by counted.product_id
    ) as ends
),

dense as (
    select
        spine.product_id,
        spine.week_start_date,
        coalesce(counted.active_people, 0) as active_people,
        {% for state in states %}
        coalesce(counted.{{ state }}_people, 0) as {{ state }}_people{{ ',' if not loop.last }}
        {% endfor %}
    from spine
    left join counted
        on spine.product_id = counted.product_id and spine.week_start_date = counted.week_start_date
),

lagged as (
    select
        *,
        coalesce(lag(active_people) over (partition by product_id order by week_start_date), 0) as previous_active_people,
        {{ from_reporting_zone('week_start_date + 7') }} as week_end_at,
        cast({{ setting_number('suppression_k', 5) }} as integer) as least_people
    from dense
)

select
    lagged.product_id,
    lagged.week_start_date,
    lagged.active_people,
    lagged.previous_active_people,
    {% for state in states %}
    lagged.{{ state }}_people,
    {% endfor %}
    lagged.least_people,
    coalesce(lagged.week_end_at <= horizons.known_until_at, false) as is_complete,
    -- the parts add up to shown totals, so one that is small hides them all
    {{ is_small_part('lagged.new_people', 'lagged.active_people', 'lagged.least_people') }}
    or {{ is_small_part('lagged.resurrected_people', 'lagged.active_people', 'lagged.least_people') }}
    or {{ is_small_part('lagged.retained_people', 'lagged.active_people', 'lagged.least_people') }}
    or {{ is_small_part('lagged.retained_people', 'lagged.previous_active_people', 'lagged.least_people') }}
    or {{ is_small_part('lagged.churned_people', 'lagged.previous_active_people', 'lagged.least_people') }}
    or {{ is_small_part('lagged.departed_people', 'lagged.previous_active_people', 'lagged.least_people') }} as is_small
from lagged
left join {{ ref('int_use_horizons') }} as horizons on lagged.product_id = horizons.product_id

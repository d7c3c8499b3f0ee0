-- Weeks of which an increment has to count again what is out of scale: those that it changed, and those
-- of which something else is usual now.
{% set usual = ref('int_instrument_quantities_usual') %}
{% set changed = ref('int_source_weeks_changed') %}
{% set counted = left_by_earlier_runs('instruments', 'int_instrument_quantities_beyond') %}

{% if not is_left_by_earlier_runs(counted) -%}
-- everything is computed: nobody asks what changed
select source_id, event_type, week_start_date, property
from {{ usual }}
where false
{%- else -%}
with

beyond as (
    select source_id, event_type, week_start_date, property, usual_log
    from {{ usual }}
    where is_beyond
),

counted as (
    select source_id, event_type, week_start_date, property, usual_log
    from {{ counted }}
)

select
    coalesce(beyond.source_id, counted.source_id) as source_id,
    coalesce(beyond.event_type, counted.event_type) as event_type,
    coalesce(beyond.week_start_date, counted.week_start_date) as week_start_date,
    coalesce(beyond.property, counted.property) as property
from beyond
full join counted
    on
        beyond.source_id = counted.source_id
        and beyond.event_type = counted.event_type
        and beyond.week_start_date = counted.week_start_date
        and beyond.property = counted.property
left join {{ changed }} as changed
    on
        coalesce(beyond.source_id, counted.source_id) = changed.source_id
        and coalesce(beyond.week_start_date, counted.week_start_date) = changed.week_start_date
where changed.source_id is not null or beyond.usual_log is distinct from counted.usual_log
{%- endif %}

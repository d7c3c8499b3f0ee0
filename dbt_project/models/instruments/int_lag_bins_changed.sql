-- Sources, weeks and bins of which an increment has to look at the lags themselves again: those that a
-- percentile lies in, where something changed or none lay before, and those that none lies in any more.
{% set bins, ranks = ref('int_source_lag_bins'), ref('int_source_lag_ranks') %}
{% set changed = ref('int_source_lags_changed') %}
{% set kept = left_by_earlier_runs('instruments', 'int_source_lags_kept') %}

{% if not is_left_by_earlier_runs(kept) -%}
-- everything is computed: nobody asks what changed
select source_id, week_start_date, bin_number
from {{ bins }}
where false
{%- else -%}
with

wanted as (
    select distinct source_id, bin_number
    from {{ ranks }}
),

kept as (
    select distinct source_id, week_start_date, bin_number
    from {{ kept }}
),

changed as (
    select source_id, week_start_date
    from {{ changed }}
)

select bins.source_id, bins.week_start_date, bins.bin_number
from {{ bins }} as bins
inner join wanted on bins.source_id = wanted.source_id and bins.bin_number = wanted.bin_number
where
    (bins.source_id, bins.week_start_date) in (select source_id, week_start_date from changed)
    or (bins.source_id, bins.bin_number) not in (select source_id, bin_number from kept)
union
select kept.source_id, kept.week_start_date, kept.bin_number
from kept
where
    (kept.source_id, kept.week_start_date) in (select source_id, week_start_date from changed)
    or (kept.source_id, kept.bin_number) not in (select source_id, bin_number from wanted)
{%- endif %}

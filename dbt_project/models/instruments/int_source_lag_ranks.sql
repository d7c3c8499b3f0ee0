{{ config(materialized='view') }}
-- grain: source with a receive clock, share of its lags in thousandths, whether only those since its clock
-- began are meant. In which bin the lag lies that is the least for this share, and as which of the bin.
{#- of lags since the clock began, of all lags -#}
{% set shares = {true: [100, 250, 500, 750, 900, 950, 990], false: [950]} %}
with

bins as (
    select source_id, bin_number, is_clocked, cast(sum(lag_count) as bigint) as lag_count
    from {{ ref('int_source_lag_bins') }}
    group by source_id, bin_number, is_clocked
),

populations as (
    select source_id, bin_number, true as is_since_clock, lag_count from bins where is_clocked
    union all
    select source_id, bin_number, false as is_since_clock, cast(sum(lag_count) as bigint) as lag_count
    from bins
    group by source_id, bin_number
),

summed as (
    select
        *,
        sum(lag_count) over (partition by source_id, is_since_clock order by bin_number) as lags_up_to,
        sum(lag_count) over (partition by source_id, is_since_clock) as lags
    from populations
),

shares as (
    {%- for is_since_clock, parts in shares.items() %}{% set outer = loop %}
    {%- for part in parts %}
    select {{ is_since_clock }} as is_since_clock, {{ part }} as thousandths
    {{ 'union all' if not (loop.last and outer.last) }}
    {%- endfor %}
    {%- endfor %}
),

wanted as (
    select
        summed.source_id,
        summed.bin_number,
        summed.is_since_clock,
        summed.lag_count,
        summed.lags_up_to,
        shares.thousandths,
        -- the least lag with this share at or below it
        cast(floor((summed.lags * shares.thousandths + 999) / 1000.0) as bigint) as rank_of_all
    from summed
    inner join shares on summed.is_since_clock = shares.is_since_clock
)

select
    source_id,
    is_since_clock,
    thousandths,
    bin_number,
    cast(rank_of_all - (lags_up_to - lag_count) as bigint) as rank_in_bin
from wanted
where rank_of_all <= lags_up_to and rank_of_all > lags_up_to - lag_count

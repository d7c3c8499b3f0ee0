-- grain: source with a receive clock, share of its lags in thousandths, whether only those since its clock
-- began are meant. The least lag that this share of them doesn't exceed, exactly.
{% set parts = 1024 %}
with

kept as (
    select source_id, bin_number, lag_us, is_clocked, lag_count
    from {{ ref('int_source_lags_kept') }}
),

extents as (
    select source_id, bin_number, min(lag_us) as least_us, max(lag_us) - min(lag_us) + 1 as extent_us
    from kept
    group by source_id, bin_number
),

-- millions of lags may lie in a bin: to put them in order costs most, so that only those of one part of it are
placed as (
    select
        kept.*,
        cast(floor((kept.lag_us - extents.least_us) * {{ parts }}.0 / extents.extent_us) as integer) as part_number
    from kept
    inner join extents on kept.source_id = extents.source_id and kept.bin_number = extents.bin_number
),

counted as (
    select source_id, bin_number, part_number, is_clocked, cast(sum(lag_count) as bigint) as lag_count
    from placed
    group by source_id, bin_number, part_number, is_clocked
),

parts as (
    select
        counted.source_id,
        counted.bin_number,
        counted.part_number,
        populations.is_since_clock,
        sum(counted.lag_count) as lag_count
    from counted
    inner join (select true as is_since_clock union all select false as is_since_clock) as populations
        on counted.is_clocked or not populations.is_since_clock
    group by counted.source_id, counted.bin_number, counted.part_number, populations.is_since_clock
),

summed as (
    select
        *,
        sum(lag_count) over (
            partition by source_id, bin_number, is_since_clock order by part_number
        ) as lags_up_to
    from parts
),

wanted as (
    select
        ranks.source_id,
        ranks.bin_number,
        ranks.is_since_clock,
        ranks.thousandths,
        summed.part_number,
        ranks.rank_in_bin - (summed.lags_up_to - summed.lag_count) as rank_in_part
    from {{ ref('int_source_lag_ranks') }} as ranks
    inner join summed
        on
            ranks.source_id = summed.source_id
            and ranks.bin_number = summed.bin_number
            and ranks.is_since_clock = summed.is_since_clock
            and ranks.rank_in_bin <= summed.lags_up_to
            and ranks.rank_in_bin > summed.lags_up_to - summed.lag_count
),

ordered as (
    select
        wanted.source_id,
        wanted.is_since_clock,
        wanted.thousandths,
        wanted.rank_in_part,
        placed.lag_us,
        sum(placed.lag_count) over (
            partition by wanted.source_id, wanted.is_since_clock, wanted.thousandths order by placed.lag_us
        ) as lags_up_to
    from placed
    inner join wanted
        on
            placed.source_id = wanted.source_id
            and placed.bin_number = wanted.bin_number
            and placed.part_number = wanted.part_number
            and (placed.is_clocked or not wanted.is_since_clock)
)

select
    source_id,
    is_since_clock,
    thousandths,
    min(lag_us) as lag_us
from ordered
where rank_in_part <= lags_up_to
group by source_id, is_since_clock, thousandths

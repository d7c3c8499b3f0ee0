-- grain: source with a receive clock, share of its lags in thousandths, whether only those since its clock
-- began are meant. The least lag that this share of them doesn't exceed, exactly.
with

lags as (
    select source_id, bin_number, lag_us, is_clocked, cast(sum(lag_count) as bigint) as lag_count
    from {{ ref('int_source_lags_kept') }}
    group by source_id, bin_number, lag_us, is_clocked
),

populations as (
    select source_id, bin_number, lag_us, true as is_since_clock, lag_count from lags where is_clocked
    union all
    select source_id, bin_number, lag_us, false as is_since_clock, lag_count from lags
),

summed as (
    select
        source_id,
        bin_number,
        lag_us,
        is_since_clock,
        sum(lag_count) over (
            partition by source_id, bin_number, is_since_clock order by lag_us
        ) as lags_up_to
    from populations
)

select
    ranks.source_id,
    ranks.is_since_clock,
    ranks.thousandths,
    min(summed.lag_us) as lag_us
from {{ ref('int_source_lag_ranks') }} as ranks
inner join summed
    on
        ranks.source_id = summed.source_id
        and ranks.bin_number = summed.bin_number
        and ranks.is_since_clock = summed.is_since_clock
        and ranks.rank_in_bin <= summed.lags_up_to
group by ranks.source_id, ranks.is_since_clock, ranks.thousandths

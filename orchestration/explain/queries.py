"""What one number is read from: queries with the keys product, metric, first, last and others."""

VALUE = """
    select * from marts.fct_metric_values
    where product_id = $product and metric_id = $metric and period_grain = $grain
        and segment_type = 'all' and period_start_date = $first
"""
METRIC = """
    select * from marts.dim_metrics
    left join (
        select metric_id, is_of_people from metrics.int_metric_least_people
    ) using (metric_id)
    where metric_id = $metric
"""
PARENTS = (
    "select derived_metric_ids, derived_operator from registry.metrics where metric_id = $metric"
)
POINT = """
    select * from marts.fct_metric_signals
    where product_id = $product and metric_id = $metric and period_start_date <= $last
    order by period_start_date desc limit 1
"""
SEGMENT = """
    select * from marts.fct_limit_segments
    where product_id = $product and metric_id = $metric and segment_number = $segment
"""
VERDICTS = """
    select * from marts.kpi_scorecard
    where product_id = $product and metric_id = $metric and week_start_date = $judged
"""
BALANCES = """
    select * from marts.fct_balance_states
    where product_id = $product and kpi_id = $kpi and week_start_date = $judged
    order by metric_id
"""
# the metric as what balances another one
BALANCED = """
    select states.*, verdicts.metric_name as lead_name
    from marts.fct_balance_states as states
    join marts.kpi_scorecard as verdicts using (product_id, kpi_id, week_start_date)
    where states.product_id = $product and states.metric_id = $metric
        and states.week_start_date = $judged
    order by states.kpi_id
"""
TRIPWIRES = """
    select tripwire_id, state from marts.fct_tripwire_states
    where product_id = $product and metric_id = $metric and week_start_date = $judged
    order by tripwire_id
"""
SOURCES = """
    select distinct source_id from metrics.int_metric_lineage
    where product_id = $product and metric_id in (select unnest($metrics))
"""
# the watermark from which on the period is complete
RIPE_AT = """
    select max(weeks.week_end_at + to_hours(cast(ceil(
        weeks.look_ahead_hours + coalesce(late.lateness_hours, 0)
    ) as integer))) as ripe_at
    from metrics.int_metric_weeks as weeks
    left join (
        select max(watermarks.lateness_hours) as lateness_hours
        from metrics.int_metric_lineage as lineage
        join instruments.int_source_watermarks as watermarks using (source_id)
        where lineage.product_id = $product and lineage.metric_id in (select unnest($metrics))
            and lineage.is_required
    ) as late on true
    where weeks.product_id = $product and weeks.metric_id in (select unnest($metrics))
        and weeks.week_start_date between $first and $last
"""
TRUST = """
    select * from marts.fct_metric_trust
    where product_id = $product and metric_id = $metric
        and week_start_date between $first and $last
    order by grade desc, week_start_date desc limit 1
"""
# the first whole week since that can be believed
SOUND_AGAIN = """
    select week_start_date, grade from marts.fct_metric_trust
    where product_id = $product and metric_id = $metric and grade in ('A', 'B')
        and week_start_date > $last and week_start_date + interval '7' day <= $as_of
    order by week_start_date limit 1
"""
# all results of the check that lowered the period, of the source that it found at fault
RESULTS = """
    select event_type, week_start_date, check_id, severity, defect, p_value
    from marts.fct_instrument_checks
    where source_id = $source_id and check_id = $check_id
    order by event_type, week_start_date
"""
CHECKS = """
    select checks.* from marts.fct_instrument_checks as checks
    join (
        select distinct source_id from metrics.int_metric_lineage
        where product_id = $product and metric_id in (select unnest($metrics))
    ) as lineage using (source_id)
    where checks.week_start_date between $first and $last and checks.severity > 0
    order by checks.severity desc, checks.check_id, checks.source_id, checks.week_start_date
"""
EXAMPLES = """
    select path, line_number, line_shows from marts.fct_check_examples
    where source_id = $source_id and event_type = $event_type
        and week_start_date = $week_start_date and check_id = $check_id
    order by example_number
"""

-- which periods of person metrics may not be shown; the one place that decides it
with

periods as (
    select
        product_id, metric_id, period_grain, period_start_date, value, person_count,
        case period_grain
            when 'week' then 7
            when 'fortnight' then 14
            when 'four_weeks' then 28
            else 91
        end as length_days
    from {{ ref('int_metric_periods') }}
),

-- what is computed beside a duration rests on the same people
person_metrics as (
    select
        metrics.metric_id || companions.ending as metric_id,
        metrics.kind
    from {{ source('registry', 'metrics') }} as metrics
    inner join (
        values (''), ('_finished_mean'), ('_finished_p90'), ('_median')
    ) as companions (ending) on companions.ending = '' or metrics.kind = 'duration'
    where metrics.subject_kind = 'person'
),

-- time entries, HR and surveys need more people than adoption does
sensitive_metrics as (
    select value as metric_ids
    from {{ source('registry', 'settings') }}
    where setting = 'suppression_sensitive_metrics'
),

judged as (
    select
        periods.*,
        case
            when person_metrics.kind = 'ratio_of_sums'
                or exists (
                    select 1 from sensitive_metrics
                    where ';' || replace(sensitive_metrics.metric_ids, ' ', '') || ';'
                        like '%;' || periods.metric_id || ';%'
                )
                then {{ setting_number('suppression_k_sensitive', 10) }}
            else {{ setting_number('suppression_k', 5) }}
        end as least_people,
        person_metrics.kind
    from periods
    inner join person_metrics on periods.metric_id = person_metrics.metric_id
),

primary_rule as (
    select
        judged.*,
        -- nobody and everybody: a share of 0 or 1 among few tells something of each of them
        coalesce(person_count, 0) < least_people
        or (
            kind = 'proportion' and value in (0, 1) and person_count < 2 * least_people
        ) as is_below
    from judged
    where value is not null or coalesce(person_count, 0) > 0
),

-- a longer period minus its shown weeks must not give the hidden ones away
hidden_weeks as (
    select
        longer.product_id,
        longer.metric_id,
        longer.period_grain,
        longer.period_start_date,
        count(*) as hidden_week_count,
        sum(coalesce(weeks.person_count, 0)) as hidden_people
    from primary_rule as longer
    inner join primary_rule as weeks
        on longer.product_id = weeks.product_id
        and longer.metric_id = weeks.metric_id
        and weeks.period_grain = 'week'
        and weeks.period_start_date >= longer.period_start_date
        and weeks.period_start_date < longer.period_start_date + longer.length_days
    where longer.period_grain <> 'week' and weeks.is_below
    group by 1, 2, 3, 4
)

select
    primary_rule.product_id,
    primary_rule.metric_id,
    primary_rule.period_grain,
    primary_rule.period_start_date,
    cast(primary_rule.least_people as integer) as least_people
from primary_rule
left join hidden_weeks
    on primary_rule.product_id = hidden_weeks.product_id
    and primary_rule.metric_id = hidden_weeks.metric_id
    and primary_rule.period_grain = hidden_weeks.period_grain
    and primary_rule.period_start_date = hidden_weeks.period_start_date
where primary_rule.is_below
    or hidden_weeks.hidden_week_count = 1
    or hidden_weeks.hidden_people < primary_rule.least_people

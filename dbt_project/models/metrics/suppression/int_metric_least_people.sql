-- how many people must stand behind a figure of a metric before it may be shown
with

-- time entries, HR and surveys need more people than adoption does
sensitive_metrics as (
    select value as metric_ids
    from {{ source('registry', 'settings') }}
    where setting = 'suppression_sensitive_metrics'
),

-- what is computed beside a duration rests on the same people
companions as (
    select * from (values (''), ('_finished_mean'), ('_finished_p90'), ('_median')) as endings (ending)
)

select
    metrics.metric_id || companions.ending as metric_id,
    metrics.metric_id as counted_metric_id,
    metrics.kind,
    metrics.subject_kind,
    coalesce(metrics.subjects_are_people, false) as is_of_records,
    metrics.subject_kind = 'person' or coalesce(metrics.subjects_are_people, false) as is_of_people,
    cast(case
        when metrics.subject_kind = 'system' then 0
        when metrics.subjects_are_people then {{ setting_number('suppression_k_sensitive', 10) }}
        when
            metrics.subject_kind = 'person'
            and (
                metrics.kind = 'ratio_of_sums'
                or exists (
                    select 1 from sensitive_metrics
                    where
                        ';' || replace(sensitive_metrics.metric_ids, ' ', '') || ';'
                        like '%;' || metrics.metric_id || companions.ending || ';%'
                )
            )
            then {{ setting_number('suppression_k_sensitive', 10) }}
        else {{ setting_number('suppression_k', 5) }}
    end as integer) as least_people
from {{ source('registry', 'metrics') }} as metrics
inner join companions on companions.ending = '' or metrics.kind = 'duration'

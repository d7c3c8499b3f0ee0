-- the people behind each week of a metric, or those whose records it counts
select product_id, metric_id, period_start_date as week_start_date, person_id
from {{ ref('int_cell_people') }}
where segment_type = 'all' and period_grain = 'week'
union all
select product_id, metric_id, week_start_date, subject_id as person_id
from {{ ref('int_record_subjects') }}

with

segment_types as (
    select segment_type, segment_name, description
    from {{ source('registry', 'segments') }}
),

used as (
    select distinct product_id, segment_type, segment_value
    from {{ ref('int_segment_values') }}
)

select
    used.product_id,
    used.segment_type,
    used.segment_value,
    segment_types.segment_name,
    segment_types.description
from used
inner join segment_types on used.segment_type = segment_types.segment_type

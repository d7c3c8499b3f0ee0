-- until when the use of a product is known: what its slowest source has sent, less its lateness
with

active_uses as (
    select product_id, event_type from {{ source('registry', 'active_uses') }}
),

known as (
    select
        counts.product_id,
        min({{ plus_hours('watermarks.watermark_at', '-coalesce(watermarks.lateness_hours, 0)') }}) as known_until_at
    from {{ ref('int_source_event_counts') }} as counts
    inner join active_uses
        on counts.product_id = active_uses.product_id and counts.event_type = active_uses.event_type
    inner join {{ ref('int_source_watermarks') }} as watermarks on counts.source_id = watermarks.source_id
    group by counts.product_id
)

select product_id, known_until_at from known

{% set seconds = 5 %}
{% set key = 'product_id, event_type, subject_id, actor_id, idempotency_key' %}
{% set order = 'occurred_at, ingress_path, source_id, event_id' %}

-- One action of a user that a tool reports on two paths, say by its page and by its API, has two
-- ids. It is the second of two events alike but for the path, shortly after the first: each event
-- is compared with those kept before it, so that a kept event opens the window and a dropped one
-- doesn't prolong it.
with recursive

first_copies as (
    select
        file_id, line_number, event_number, occurred_at, ingress_path, source_id, event_id,
        product_id, event_type, subject_id, actor_id, idempotency_key
    from {{ ref('int_events_comparable') }}
),

-- most actions come on one path: only the rest is put in order
keys_on_several_paths as (
    select {{ key }}
    from first_copies
    group by {{ key }}
    having min(ingress_path) <> max(ingress_path)
),

spaced as (
    select
        first_copies.*,
        coalesce(
            occurred_at > interval '{{ seconds }}' second
                + lag(occurred_at) over (partition by {{ key }} order by {{ order }}),
            true
        ) as is_apart
    from first_copies
    inner join keys_on_several_paths using ({{ key }})
),

clustered as (
    select
        *,
        sum(cast(is_apart as integer)) over (
            partition by {{ key }} order by {{ order }} rows unbounded preceding
        ) as cluster
    from spaced
),

-- no window reaches from one cluster into the next, so each is walked by itself
candidates as (
    select
        *,
        dense_rank() over (order by {{ key }}, cluster) as cluster_number,
        row_number() over (partition by {{ key }}, cluster order by {{ order }}) as place
    from clustered
),

-- the last event kept, and the last one kept on another path than that
walked as (
    select
        cluster_number,
        place,
        false as is_double,
        ingress_path as kept_path,
        occurred_at as kept_at,
        cast(null as timestamp) as other_kept_at
    from candidates
    where place = 1

    union all

    select
        cluster_number,
        place,
        is_double,
        case when is_double then kept_path else ingress_path end as kept_path,
        case when is_double then kept_at else occurred_at end as kept_at,
        case
            when is_double or ingress_path = kept_path then other_kept_at
            else kept_at
        end as other_kept_at
    from (
        select
            walked.kept_path,
            walked.kept_at,
            walked.other_kept_at,
            candidates.cluster_number,
            candidates.place,
            candidates.ingress_path,
            candidates.occurred_at,
            coalesce(
                candidates.occurred_at <= interval '{{ seconds }}' second + case
                    when walked.kept_path = candidates.ingress_path then walked.other_kept_at
                    else walked.kept_at
                end,
                false
            ) as is_double
        from walked
        inner join candidates
            on walked.cluster_number = candidates.cluster_number
                and walked.place + 1 = candidates.place
    ) as steps
)

select candidates.file_id, candidates.line_number, candidates.event_number
from candidates
inner join walked
    on candidates.cluster_number = walked.cluster_number and candidates.place = walked.place
where walked.is_double

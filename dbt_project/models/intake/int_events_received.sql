{#- what an increment is made of; exports of tools are only ever read as a whole -#}
{% set cloudevents = [ref('stg_cloudevents__events'), ref('stg_cloudevents__rejected_lines')] %}
{% set exports = [
    ref('stg_git__events'),
    ref('stg_git_cms__events'),
    ref('stg_gitops__events'),
    ref('stg_idp__events'),
    ref('stg_metabase__events'),
    ref('stg_servicenow__events'),
    ref('stg_statuspage__events'),
] %}

{% for relation in cloudevents + ([] if is_increment() else exports) -%}
select
    connector,
    file_id,
    line_number,
    -- as wide as the widest, whichever are read: catalogues of increments and of rebuilds are the same
    cast(event_number as bigint) as event_number,
    event_id,
    source_id,
    event_type,
    subject_id,
    product_id,
    occurred_at,
    recorded_at,
    received_at,
    sequence,
    actor_id,
    actor_kind,
    segment_id,
    environment,
    ingress_path,
    correlation_id,
    causation_id,
    idempotency_key,
    sampled_rate,
    is_heartbeat,
    data,
    problem,
    problem_detail
from {{ relation }}
{{ "union all" if not loop.last }}
{% endfor %}

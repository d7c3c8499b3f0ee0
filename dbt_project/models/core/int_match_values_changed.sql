-- whatever an increment's events belong to: all that is made of several events by these is made anew
{% for column in ['subject_id', 'correlation_id', 'actor_id'] -%}
select product_id, {{ column }} as match_value
from {{ ref('int_events_changed') }}
where {{ column }} is not null
{{ "union" if not loop.last }}
{% endfor -%}

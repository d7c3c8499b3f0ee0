-- Sources and weeks in which an increment has to look for evidence again: what it changed, and where
-- findings name an event that none named before.
{% set wanted, changed = ref('int_evidence_wanted'), ref('int_contract_weeks_changed') %}
{% set found = left_by_earlier_runs('signals', 'int_evidence_places') %}

{% if not is_left_by_earlier_runs(found) -%}
-- everything is computed: nobody asks what changed
select at_source_id as source_id, at_week_start_date as week_start_date
from {{ wanted }}
where false
{%- else -%}
select source_id, week_start_date
from {{ changed }}
union
select wanted.at_source_id as source_id, wanted.at_week_start_date as week_start_date
from {{ wanted }} as wanted
left join {{ found }} as found
    on
        wanted.at_source_id = found.source_id
        and wanted.at_week_start_date = found.week_start_date
        and wanted.event_key = found.event_key
        and wanted.copy_reason = found.copy_reason
where found.source_id is null
{%- endif %}

{# whether a roster may be published after the last one that was: `walk`, `weeks`, `pairs` and `least_people` in scope -#}
{% macro roster_may_go_out() -%}
    weeks.person_count >= least_people.least_people
    and (
        walk.shown_date is null
        or walk.shown_count + weeks.person_count - coalesce(pairs.same_count, 0) = 0
        or walk.shown_count + weeks.person_count - coalesce(pairs.same_count, 0) >= least_people.least_people
    )
{%- endmacro %}

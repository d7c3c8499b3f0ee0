{% macro score_limit(success_count, trial_count, z, side) -%}
    (
        ({{ success_count }} + {{ z }} * {{ z }} / 2.0) / ({{ trial_count }} + {{ z }} * {{ z }})
        {{ '-' if side == 'lower' else '+' }} {{ z }} / ({{ trial_count }} + {{ z }} * {{ z }})
        * sqrt(
            greatest(
                {{ success_count }} * ({{ trial_count }} - {{ success_count }})
                / cast({{ trial_count }} as {{ double_type() }}) + {{ z }} * {{ z }} / 4.0,
                0
            )
        )
    )
{%- endmacro %}

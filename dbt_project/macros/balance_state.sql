{% macro balance_state(ci_low, ci_high, margin, is_band, is_chart_worsened) -%}
    case
        when {{ ci_high }} < {{ margin }} and (not {{ is_band }} or {{ ci_low }} > -{{ margin }}) then 'held'
        when {{ ci_low }} > 0 and {{ ci_high }} >= {{ margin }} then 'breached'
        when {{ is_band }} and {{ ci_high }} < 0 and {{ ci_low }} <= -{{ margin }} then 'breached'
        when {{ is_chart_worsened }} then 'breached'
        else 'unresolved'
    end
{%- endmacro %}

{# a number that grows with the lag, in steps of 0.8 %: lags of one bin are alike, and few bins hold many lags -#}
{% macro lag_bin(lag_us) -%}
    cast(case
        when {{ lag_us }} > 0 then floor(128 * ln({{ lag_us }}))
        when {{ lag_us }} < 0 then -2 - floor(128 * ln(-({{ lag_us }})))
        else -1
    end as integer)
{%- endmacro %}

{# a verdict as it is called on the pages (`orchestration.pages.words.VERDICTS`, which a test holds against these words) -#}
{% macro verdict_words(verdict) -%}
    case {{ verdict }}
        when 'tripped' then 'tripwire crossed'
        when 'untrusted' then 'not to be read'
        when 'insufficient_data' then 'too early to judge'
        when 'traded_off' then 'better, at a price'
        when 'improved_balance_unproven' then 'better, balance unproven'
        when 'improved_balance_untrusted' then 'better, balance not to be read'
        when 'improved_in_balance' then 'better, in balance'
        when 'worsened_with_side_effects' then 'worse, with side effects'
        when 'worsened' then 'worse'
        when 'side_effect_only' then 'a side effect only'
        when 'no_signal' then 'no signal'
    end
{%- endmacro %}

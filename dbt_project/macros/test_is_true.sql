{% test is_true(model, expression) %}
    select {{ expression }} as is_true
    from {{ model }}
    where ({{ expression }}) is not true
{% endtest %}

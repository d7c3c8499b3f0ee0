"""The tables that stand behind published numbers, without rows: what `explain` looks into."""

TABLES = """
    create schema registry; create schema metrics; create schema core; create schema raw;
    create schema signals; create schema instruments;
    create table registry.metrics (
        metric_id varchar, derived_metric_ids varchar, derived_operator varchar
    );
    create table registry.measures (
        measure_id varchar, description varchar, aggregate varchar, item_kind varchar,
        item_type varchar
    );
    create table metrics.int_metric_sides (
        product_id varchar, metric_id varchar, side varchar, measure_id varchar
    );
    create table metrics.int_measure_values (
        product_id varchar, measure_id varchar, item_id varchar, anchored_at timestamp,
        amount double, week_start_date date
    );
    create table metrics.int_duration_items (
        product_id varchar, metric_id varchar, task_id varchar, week_start_date date,
        restricted double, is_open boolean
    );
    create table metrics.int_metric_lineage (
        product_id varchar, metric_id varchar, side varchar, source_id varchar,
        event_type varchar, event_count bigint, is_required boolean
    );
    create table metrics.int_metric_weeks (
        product_id varchar, metric_id varchar, week_start_date date, week_end_at timestamp,
        look_ahead_hours double
    );
    create table instruments.int_source_watermarks (source_id varchar, lateness_hours double);
    create table metrics.int_metric_least_people (metric_id varchar, is_of_people boolean);
    create table metrics.int_person_event_types (
        product_id varchar, source_id varchar, event_type varchar, is_hidden boolean,
        is_beside boolean
    );
    create table signals.int_metric_task_types (metric_id varchar, task_type_id varchar);
    create table signals.int_secret_task_types (product_id varchar, task_type_id varchar);
    create table core.int_tasks (
        product_id varchar, task_id varchar, state varchar, started_at timestamp,
        start_source_id varchar, start_event_id varchar, finish_source_id varchar,
        finished_at timestamp, subject_id varchar, task_type_id varchar
    );
    create table core.int_events (
        product_id varchar, source_id varchar, event_id varchar, event_type varchar,
        week_start_date date, file_id varchar, line_number bigint, occurred_at timestamp,
        subject_id varchar, correlation_id varchar
    );
    create table raw.landing_files (file_id varchar, path varchar);
"""

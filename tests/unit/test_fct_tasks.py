"""Which tasks the mart leaves out, run on small tables."""

from tests.sql import render_increment, render_model
from tests.unit.mart_world import MONDAY, World, period


def test_items_behind_a_suppressed_figure_and_rosters_are_left_out(world: World) -> None:
    kinds = ("survey", "draft", "employment", "absence", "onboarding", "membership", "trial")
    world.table(
        "core.int_task_facts",
        "product_id varchar, task_type_id varchar, task_id varchar, start_source_id varchar, "
        "finish_source_id varchar, started_at timestamp, finished_at timestamp, "
        "cancelled_at timestamp, state varchar, reopen_count bigint, duration_us bigint, "
        "working_us bigint, paused_us bigint, week_start_date date",
        [
            {"product_id": product, "task_type_id": kind, "task_id": f"{product}{kind}",
             "state": "open", "week_start_date": MONDAY}
            for product in ("cms", "shop")
            for kind in kinds
        ],
    )  # fmt: skip
    key = "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"
    for schema in ("marts", "metrics", "signals"):
        world.table(f"{schema}.int_metric_periods_suppressed", key, [period()])
        world.table(
            f"{schema}.int_metric_task_types", "metric_id varchar, task_type_id varchar",
            [{"metric_id": "adoption", "task_type_id": "survey"}],
        )  # fmt: skip
    world.table("registry.settings", "setting varchar, value varchar", [])
    world.table(
        "registry.products", "product_id varchar", [{"product_id": "cms"}, {"product_id": "shop"}]
    )
    world.table(
        "registry.metrics",
        "metric_id varchar, subject_kind varchar, numerator_measure_id varchar, "
        "denominator_measure_id varchar",
        [
            # of a share that stands on a roster both sides are left out
            {"metric_id": "absent_share", "subject_kind": "item", "numerator_measure_id": "absent",
             "denominator_measure_id": "employees"},
            # and of people who are there, the stock
            {"metric_id": "members", "subject_kind": "person", "numerator_measure_id": "members"},
            {"metric_id": "drafts", "subject_kind": "item", "numerator_measure_id": "drafts"},
        ],
    )  # fmt: skip
    world.table(
        "registry.measures",
        "measure_id varchar, item_kind varchar, item_type varchar, aggregate varchar",
        [
            {"measure_id": measure, "item_kind": "task", "item_type": kind,
             "aggregate": "open_at_period_end"}
            for measure, kind in (("employees", "employment"), ("absent", "absence"),
                                  ("members", "membership"), ("drafts", "draft"))
        ],
    )  # fmt: skip
    ends = {"employment": ("joined", "left"), "onboarding": ("joined", "settled"),
            "trial": ("tried", "active"), "draft": ("drafted", "published"),
            "absence": ("away", "back"), "membership": ("signed_up", "signed_off")}  # fmt: skip
    world.table(
        "registry.task_types",
        "task_type_id varchar, start_event_type varchar, finish_event_type varchar, "
        "cancel_event_type varchar, reopen_event_type varchar",
        [
            {"task_type_id": kind, "start_event_type": start, "finish_event_type": finish}
            for kind, (start, finish) in ends.items()
        ],
    )
    world.table(
        "metrics.int_person_event_types",
        "product_id varchar, source_id varchar, event_type varchar, is_hidden boolean, "
        "is_beside boolean",
        [
            {"product_id": "cms", "event_type": "active", "is_hidden": True, "is_beside": False},
            {"product_id": "cms", "event_type": "drafted", "is_hidden": True, "is_beside": True},
            {"product_id": "shop", "event_type": "active", "is_hidden": False, "is_beside": False},
        ],
    )  # fmt: skip
    secret = render_model("int_secret_task_types")
    world.connection.execute("create schema if not exists signals")
    for schema in ("marts", "signals"):
        world.connection.execute(f"create table {schema}.int_secret_task_types as {secret}")
    shown = {(row["product_id"], row["task_type_id"]) for row in world.run("fct_tasks")}
    assert shown == {("cms", "draft"), ("shop", "draft"), ("shop", "survey"), ("shop", "trial")}


FACTS = (
    "product_id varchar, task_type_id varchar, task_id varchar, match_value varchar, "
    "start_source_id varchar, finish_source_id varchar, started_at timestamp, "
    "finished_at timestamp, cancelled_at timestamp, state varchar, reopen_count bigint, "
    "duration_us bigint, working_us bigint, paused_us bigint, week_start_date date"
)


def test_an_increment_follows_what_changed_and_what_became_secret_or_is_it_no_more(
    world: World,
) -> None:
    kinds = {"stays": "draft", "changes": "draft", "goes": "draft", "told": "survey",
             "hidden": "trial"}  # fmt: skip
    world.table("core.int_task_facts", FACTS, [task(name, kind) for name, kind in kinds.items()])
    world.table("core.int_match_values_changed", "product_id varchar, match_value varchar", [])
    world.table("core.int_tasks_left", "task_id varchar", [])
    world.table("registry.settings", "setting varchar, value varchar", [])
    secret = "marts.int_secret_task_types"
    world.table(secret, "product_id varchar, task_type_id varchar",
                [{"product_id": "cms", "task_type_id": "survey"}])  # fmt: skip
    run = world.connection.execute
    run(f"create table marts.fct_tasks as {render_model('fct_tasks')}")
    assert types(world) == {"draft": 3, "trial": 1}

    run("insert into core.int_match_values_changed "
        "values ('cms', 'changes'), ('cms', 'goes'), ('cms', 'comes')")  # fmt: skip
    run("insert into core.int_tasks_left values ('changes'), ('goes')")
    run("delete from core.int_task_facts where task_id = 'goes'")
    run("update core.int_task_facts set state = 'finished' where task_id = 'changes'")
    run("insert into core.int_task_facts by name select * replace ('comes' as task_id, "
        "'comes' as match_value) from core.int_task_facts where task_id = 'stays'")  # fmt: skip
    run(f"update {secret} set task_type_id = 'trial'")
    for statement in render_increment("fct_tasks"):
        run(statement)
    assert types(world) == {"draft": 3, "survey": 1}
    made, whole = "(from marts.fct_tasks)", f"({render_model('fct_tasks')})"
    differing = f"({made} except all {whole}) union all ({whole} except all {made})"
    assert run(differing).fetchall() == []


def task(name: str, kind: str) -> dict[str, object]:
    return {"product_id": "cms", "task_type_id": kind, "task_id": name, "match_value": name,
            "state": "open", "week_start_date": MONDAY}  # fmt: skip


def types(world: World) -> dict[str, int]:
    counted = "select task_type_id, count(*) from marts.fct_tasks group by task_type_id"
    return dict(world.connection.execute(counted).fetchall())

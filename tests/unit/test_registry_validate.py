"""Each way in which a registry can be wrong is broken once and seen, at its file and line."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.registry.rules import NUMBERS_AS_SETTINGS, TEXTS_AS_SETTINGS
from orchestration.registry.tables import FILES, columns
from orchestration.registry.template import template
from orchestration.registry.validate import validate

GOOD = {
    "products": "product_id,product_name,owner_team\ncms,Newsroom,Web\nbi,Desk,Data",
    "problem_statements": "problem_statement_id,product_id,stakeholder,need,insight\n"
    "publish,cms,Editor,publish a page,Every late hour is a wrong price",
    "sources": "source_id,connector,product_id,source_name\n/cms,cloudevents,cms,CMS",
    "tracking_plan": "source_id,event_type,trigger,role\n"
    "/cms,page.started,button,start\n/c*,page.published,button,finish",
    "calendars": "calendar_id,time_zone,weekday,opens,closes\n"
    "desk,Europe/Berlin,1,09:00,12:00\ndesk,Europe/Berlin,1,13:00,24:00",
    "holidays": "calendar_id,date,name\ndesk,2026-01-01,New Year",
    "task_types": "task_type_id,task_name,start_event_type,finish_event_type,match_key,"
    "start_property,start_value,finish_property,finish_value,pause_event_type,resume_event_type,"
    "calendar_id\n"
    "publish,Publish,page.started,page.published,subject,kind,new,,,,,desk",
    "measures": "measure_id,description,item_kind,item_type,aggregate,quantity,anchor,"
    "deadline_hours,deadline_property\n"
    "pages,Pages,event,page.published,count,,occurred,,\n"
    "words,Words,event,page.published,sum,words,occurred,,",
    "measure_filters": "measure_id,dimension,operator,value\nwords,words,>,0",
    "metrics": "metric_id,metric_name,kind,statistic,unit,direction,task_type_id,tau_hours,"
    "numerator_measure_id,denominator_measure_id,derived_operator,derived_metric_ids,"
    "natural_period,subject_kind,indicator_kind,definition,metric_version,custom_model,"
    "custom_parameter,derived_constant,minimum_n,clock,subjects_are_people\n"
    "back,Back,proportion,,%,up,,,,,,,week,person,lagging,Back,1,retention,4\n"
    "bought,Bought,proportion,,%,up,,,,,,,week,person,lagging,Bought,1,funnel,f\n"
    "time,Time,duration,,hours,down,publish,336,,,,,week,item,leading,Time,1,,,,,working\n"
    "length,Length,ratio_of_sums,,words,none,,,words,pages,,,week,item,balancing,Length,1,,,,,,true\n"
    "spread,Spread,derived,,words,none,,,,,difference,length;time,week,item,health,Spread,1\n"
    "busy,Busy,proportion,,%,down,,,,,,,week,person,balancing,Busy,1,people_over_limit,much",
    "kpis": "kpi_id,product_id,metric_id,problem_statement_id,decision_it_informs,question\n"
    "k,cms,time,publish,which safeguard,What changed?",
    "balances": "kpi_id,metric_id,margin,margin_scale,reason\nk,length,5,absolute,a line",
    "tripwires": "tripwire_id,kpi_id,metric_id,operator,threshold,grain,reason\n"
    "t,k,length,<,1,day,an empty page",
    "segments": "segment_type,segment_name\nteam,Team\nregion,Region",
    "segmented_metrics": "product_id,metric_id,segment_type\ncms,time,team",
    "active_uses": "product_id,event_type\ncms,page.published",
    "activations": "activation_id,product_id,start_event_type,event_type,least_count,within_days,"
    "match_key\nearly,cms,page.started,page.published,2,30,actor",
    "funnels": "funnel_id,product_id,step_number,event_type,window_hours,match_key,"
    "step_property,step_value\n"
    "f,cms,1,page.started,168,actor\nf,cms,2,page.published,168,actor",
    "people_limits": "limit_id,product_id,event_type,quantity,limit_value\n"
    "much,cms,page.published,words,5000",
    "diagnostics": "diagnostic_id,product_id,diagnostic_name,item_kind,item_type,dimension\n"
    "d,cms,Reasons,event,page.published,reason\ne,cms,Kinds,task,publish,kind",
    "annotations": "annotation_id,product_id,metric_id,annotation_kind,from_date,to_date,"
    "what_happened,is_accepted,is_lasting\n"
    "n1,cms,time,cause,2026-03-02,,A new editor,true,true\n"
    "n2,cms,,exceptional,2026-04-06,2026-04-12,The move,,",
    "tree_edges": "product_id,parent_metric_id,child_metric_id,edge_type,segment_type,lags_weeks,"
    "expected_sign\ncms,length,time,influence,,1;2,positive\n"
    "cms,time,time,weighted_rate,team,,\n"
    "cms,bought,back,sum,,,\ncms,bought,length,sum,,,",
    "interventions": "intervention_id,product_id,metric_id,what_launched,launch_date,design,"
    "control_metrics,window_weeks\n"
    "i1,cms,time,Editor,2026-03-02,difference_in_differences,bi:time,\n"
    "i2,cms,time,Editor,2026-03-02,before_after,,",
    "unit_costs": "intervention_id,hours_per_unit,units,units_low,units_high,hourly_cost,"
    "hourly_cost_low,hourly_cost_high,currency,basis\ni2,,80,70,90,80,70,95,EUR,payroll",
    "settings": "setting,value\nreporting_time_zone,Europe/Berlin",
}


def padded(lines: list[str]) -> list[str]:
    """The lines of a file with as many cells as its header, as a spreadsheet writes them."""
    width = len(next(csv.reader(lines[:1])))
    return [line + "," * (width - len(next(csv.reader([line])))) for line in lines]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write the good registry, with `old` replaced by `new` in one file."""

    def written(file: str = "", old: str = "", new: str = "") -> Path:
        for name, text in GOOD.items():
            if name == file:
                assert old in text
                text = text.replace(old, new)
            text = "\n".join(padded(text.split("\n")))
            (tmp_path / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
        return tmp_path

    return written


def test_a_row_with_fewer_cells_than_the_header_is_named_and_told_where_it_ends(
    write: Callable[..., Path],
) -> None:
    folder = write()
    path = folder / "products.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    whole = f"{header},user_count,is_captive"
    path.write_text("\n".join([whole, f"{rows[0]},40,true", f"{rows[1]},30"]) + "\n")
    (problem,) = validate(folder)
    assert str(problem) == (
        "products.csv:3: is_captive: the row ends before it: 4 cells under 5 columns; blank cells "
        "need their commas as well"
    )
    # with its comma the cell is blank, which it may be
    path.write_text("\n".join([whole, f"{rows[0]},40,true", f"{rows[1]},30,"]) + "\n")
    assert validate(folder) == []


def test_a_good_registry_has_no_problem(write: Callable[..., Path]) -> None:
    assert validate(write()) == []


@pytest.mark.parametrize("cells", ["x,y", "cms,a text, with a comma,,,,,,,,,,,,,,,,,"])
def test_a_row_whose_cells_moved_is_told_once_whatever_lands_in_the_wrong_column(
    write: Callable[..., Path], cells: str
) -> None:
    folder = write()
    path = folder / "sources.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    line = 2 + len(rows)
    path.write_text("\n".join([header, *rows, cells]) + "\n")
    (problem,) = [p for p in validate(folder) if p.file == "sources.csv" and p.line == line]
    assert "ends before it" in str(problem) or "has extra cells" in str(problem)


BROKEN = [
    ("products", "cms,Newsroom", "cms!,Newsroom", "products.csv:2: product_id: 'cms!' is not"),
    ("products", "bi,Desk", "bi,", "products.csv:3: product_name: is blank, and required"),
    ("products", "bi,Desk", "cms,Desk", "products.csv:3: product_id: 'cms' stands in line 2"),
    ("products", "owner_team", "owner", "products.csv:1: owner: is not a column"),
    ("products", "owner_team", "owner", "products.csv:1: owner_team: column is missing"),
    (
        "products",
        "Desk,Data",
        "Desk,Data,x",
        "products.csv:3: (beyond the last): has extra cells: x; a text with a comma needs quot",
    ),
    ("sources", "cms,CMS", "cmz,CMS", "sources.csv:2: product_id: 'cmz' is not in products.csv"),
    ("tracking_plan", "/c*", "/d*", "tracking_plan.csv:3: source_id: '/d*' is not in sources"),
    ("tracking_plan", "button,start", "button,begin", "tracking_plan.csv:2: role: 'begin' is not"),
    ("task_types", "page.started", "page.x", "task_types.csv:2: start_event_type: 'page.x' is not"),
    ("measures", "pages,Pages,event,page.published", "pages,Pages,event,page.y", "measures.csv:2:"),
    ("measures", "sum,words", "sum,", "measures.csv:3: quantity: is blank; a sum needs"),
    ("measures", "count,,occurred", "count,,deadline", "measures.csv:2: deadline_hours: is blank"),
    (
        "measures",
        "count,,occurred,,",
        "count,,occurred,,due",
        "measures.csv:2: anchor: is occurred",
    ),
    ("measures", "occurred,,", "deadline,1,due", "measures.csv:2: deadline_property: 'due' is not"),
    (
        "measures",
        "event,page.published,count,,occurred,,",
        "change,,count,,deadline,,due",
        "measures.csv:2: deadline_property: needs items with data",
    ),
    (
        "measures",
        "deadline_property\npages,Pages,event,page.published,count,,occurred,,\n",
        "deadline_property,deadline_clock\npages,Pages,event,page.published,count,,occurred,,,working\n",
        "measures.csv:2: deadline_clock: working needs the anchor deadline and",
    ),
    (
        "measures",
        "deadline_property\npages,Pages,event,page.published,count,,occurred,,\n",
        "deadline_property,deadline_clock\n"
        "pages,Pages,event,page.published,count,,deadline,2,,working\n",
        "measures.csv:2: deadline_clock: working needs tasks with a calendar_id",
    ),
    ("measures", "Pages,event,", "Pages,iteration_item,", "measures.csv:2: item_type: 'page.publ"),
    (
        "measure_filters",
        "words,words,>,0",
        "words,is_by_deadline,is_true,",
        "measure_filters.csv:2: dimension: is_by_deadline needs tasks",
    ),
    ("calendars", "1,13:00", "1,11:30", "calendars.csv:3: opens: lies within line 2"),
    ("calendars", "09:00,12:00", "12:00,12:00", "calendars.csv:2: closes: '12:00' is not after"),
    ("calendars", "09:00,12:00", "9:00,12:00", "calendars.csv:2: opens: '9:00' is not allowed"),
    ("calendars", "Berlin,1,13", "Rome,1,13", "calendars.csv:3: time_zone: differs from line 2"),
    ("calendars", "Europe/Berlin", "Europe/Bonn", "calendars.csv:2: time_zone: 'Europe/Bonn' is"),
    ("holidays", "desk,", "shop,", "holidays.csv:2: calendar_id: 'shop' is not in calendars.csv"),
    ("task_types", ",desk", ",shop", "task_types.csv:2: calendar_id: 'shop' is not in calendars"),
    ("task_types", "kind,new,", "kind,,", "task_types.csv:2: start_value: is blank; start_prop"),
    ("task_types", "new,,,", "new,,old,", "task_types.csv:2: finish_property: is blank"),
    (
        "task_types",
        "new,,,,",
        "new,,,page.started,",
        "task_types.csv:2: resume_event_type: is blank; pause_event_type needs it",
    ),
    (
        "task_types",
        "new,,,,",
        "new,,,page.x,page.started",
        "task_types.csv:2: pause_event_type: 'page.x' is not in tracking_plan",
    ),
    (
        "task_types",
        "page.published,subject",
        "page.started,subject",
        "task_types.csv:2: finish_event_type: 'page.started' starts the task too",
    ),
    ("task_types", ",,,,,desk", ",,,,,", "metrics.csv:4: clock: working needs a calendar; 'publi"),
    ("metrics", "hours,down", "days,down", "metrics.csv:4: unit: 'days' of work has no one"),
    (
        "metrics",
        "item,balancing,Length,1,,,,,,true",
        "item,balancing,Length,1,,,,,working,",
        "metrics.csv:5: clock: working is for durations; this is a ratio_of_sums",
    ),
    ("metrics", "item,leading", "item,vanity", "kpis.csv:2: metric_id: 'time' is flagged vanity"),
    ("measures", "count,,", "open_at_period_end,,", "measures.csv:2: aggregate: open_at"),
    ("measures", "count,,", "count_followers,,", "measures.csv:2: followed_within_hours: is blank"),
    ("measures", "count,,", "distinct_actors,,", "measures.csv:2: unit_key: is not 'actor'"),
    ("measures", "Pages,event,page.published", "Pages,event,", "measures.csv:2: item_type: is"),
    ("measures", "Pages,event,", "Pages,outage,", "measures.csv:2: item_type: 'page.published'"),
    (
        "measures",
        "Pages,event,page.published",
        "Pages,session,page.published;page.z",
        "measures.csv:2: item_type: 'page.z' is not in tracking_plan",
    ),
    ("measures", "Pages,event,page.published", "Pages,session,", "measures.csv:2: item_type: is"),
    ("measure_filters", "words,words", "word,words", "measure_filters.csv:2: measure_id: 'word'"),
    (
        "measure_filters",
        "words,words,>,0",
        "words,age_at_period_end_hours,>,1\nwords,age_at_period_end_hours,<,9",
        "measure_filters.csv:3: dimension: 'words' has an age already",
    ),
    (
        "measures",
        "words,Words,event,page.published,sum,words",
        "words,Words,release,,sum,platform_minute",
        "measures.csv:3: quantity: 'platform_minute' is no fact of a release "
        "(is 'platform_minutes' meant?); allowed: is_judged,",
    ),
    (
        "measures",
        "words,Words,event,page.published,sum,words",
        "words,Words,task,publish,sum,duration_hour",
        "measures.csv:3: quantity: 'duration_hour' is no fact of a task (is 'duration_hours'",
    ),
    (
        "measures",
        "words,Words,event,page.published,sum,words",
        "words,Words,outage,,count,",
        "measure_filters.csv:2: dimension: 'words' is no fact of an outage; allowed: is_open,",
    ),
    ("measure_filters", ">,0", ">,", "measure_filters.csv:2: value: is blank; the operator >"),
    ("measure_filters", ">,0", "is_true,0", "measure_filters.csv:2: value: '0' is not allowed"),
    ("metrics", "publish,336", "publish,", "metrics.csv:4: tau_hours: is blank; a metric of kind"),
    ("metrics", "publish,336", "publish,two", "metrics.csv:4: tau_hours: 'two' is not allowed"),
    ("metrics", "words,pages", "words,", "metrics.csv:5: denominator_measure_id: is blank"),
    ("metrics", "words,pages", "words,page", "metrics.csv:5: denominator_measure_id: 'page' is"),
    ("metrics", "length;time", "length;tim", "metrics.csv:6: derived_metric_ids: 'tim' is not"),
    (
        "metrics",
        "length;time",
        "length;spread",
        "metrics.csv:6: derived_metric_ids: go in a circle",
    ),
    ("metrics", "Time,duration,,", "Time,reliability,mttr,", "metrics.csv:4: statistic: 'mttr' is"),
    (
        "metrics",
        "ratio_of_sums,,words,none,,,words,pages",
        "quantile,p50,words,none,,,pages,",
        "metrics.csv:5: numerator_measure_id: 'pages' has no quantity",
    ),
    (
        "metrics",
        "ratio_of_sums,,words,none,,,words,pages",
        "quantile,p51,words,none,,,words,",
        "metrics.csv:5: statistic: 'p51' is not",
    ),
    ("metrics", "retention,4", "retention,13", "metrics.csv:2: custom_parameter: '13' is not"),
    (
        "metrics",
        "difference,length;time",
        "complement,length",
        "metrics.csv:6: derived_constant: is blank; complement",
    ),
    (
        "metrics",
        "difference,length;time",
        "budget_left,length",
        "metrics.csv:6: derived_constant: is blank; budget_left",
    ),
    (
        "metrics",
        "difference,length;time",
        "scaled,length;time",
        "metrics.csv:6: derived_metric_ids: names 2 metrics; scaled is made of 1",
    ),
    (
        "metrics",
        "difference,length;time",
        "difference,length",
        "metrics.csv:6: derived_metric_ids: names 1 metrics; difference is made of 2",
    ),
    ("metrics", "retention,4", "retention,4,,0", "metrics.csv:2: minimum_n: '0' is not allowed"),
    (
        "metrics",
        "1,retention,4",
        "1,active_people,month",
        "metrics.csv:2: custom_parameter: 'month' is not",
    ),
    (
        "metrics",
        "1,retention,4",
        "1,forecast_error,",
        "metrics.csv:2: custom_parameter: is blank; name the property",
    ),
    ("metrics", "funnel,f", "funnel,g", "metrics.csv:3: custom_parameter: 'g' is not in funnels"),
    ("metrics", "Bought,proportion", "Bought,count_rate", "metrics.csv:3: kind: 'count_rate' is"),
    ("metrics", "person,lagging,Bought", "item,lagging,Bought", "metrics.csv:3: subject_kind: is"),
    (
        "metrics",
        "item,balancing,Length",
        "person,balancing,Length",
        "metrics.csv:5: subjects_are_people: is for items",
    ),
    (
        "metrics",
        "1,,,,,working",
        "1,,,,,working,true",
        "metrics.csv:4: subjects_are_people: is for proportion",
    ),
    (
        "segmented_metrics",
        "cms,time,team",
        "cms,length,team",
        "metrics.csv:5: subjects_are_people: is for the product as a whole",
    ),
    (
        "measure_filters",
        "words,words,>,0",
        "words,open:publish,>,0",
        "measure_filters.csv:2: operator: open:publish is true or false",
    ),
    (
        "measure_filters",
        "words,words,>,0",
        "words,open:publishing,is_true,",
        "measure_filters.csv:2: dimension: 'publishing' is not in task_types.csv",
    ),
    ("active_uses", "page.published", "page.x", "active_uses.csv:2: event_type: 'page.x' is not"),
    ("annotations", "cms,time,cause", "cms,tim,cause", "annotations.csv:2: metric_id: 'tim' is"),
    (
        "annotations",
        "editor,true,",
        "editor,,",
        "annotations.csv:2: is_accepted: is blank; a cause",
    ),
    ("annotations", "editor,true,true", "editor,true,", "annotations.csv:2: is_lasting: is blank"),
    (
        "annotations",
        "2026-03-02,,",
        "2026-03-02,2026-03-09,",
        "annotations.csv:2: to_date: a cause",
    ),
    ("annotations", "2026-04-12", "2026-04-05", "annotations.csv:3: to_date: 2026-04-05 lies"),
    ("tree_edges", "length,time", "length,tim", "tree_edges.csv:2: child_metric_id: 'tim' is not"),
    ("tree_edges", "1;2,", "1;5,", "tree_edges.csv:2: lags_weeks: '1;5' is not allowed"),
    ("tree_edges", "1;2,", ",", "tree_edges.csv:2: lags_weeks: is blank"),
    ("tree_edges", "positive", "", "tree_edges.csv:2: expected_sign: is blank; an influence"),
    (
        "tree_edges",
        "rate,team",
        "rate,region",
        "tree_edges.csv:3: segment_type: 'time' is",
    ),
    ("tree_edges", "rate,team", "rate,", "tree_edges.csv:3: child_metric_id: is the parent itself"),
    ("tree_edges", "back,sum,", "back,sum,team", "tree_edges.csv:4: segment_type: is for a metric"),
    ("tree_edges", "back,sum,,", "back,sum,,1", "tree_edges.csv:4: lags_weeks: only an influence"),
    (
        "tree_edges",
        "length,sum",
        "length,product",
        "tree_edges.csv:5: edge_type: 'bought' has",
    ),
    (
        "tree_edges",
        "cms,bought,back",
        "cms,length,bought",
        "tree_edges.csv:4: child_metric_id: go in",
    ),
    (
        "tree_edges",
        "cms,bought,back,sum",
        "cms,spread,back,weighted_rate",
        "tree_edges.csv:4: parent_metric_id: 'spread' is of kind derived",
    ),
    ("interventions", "bi:time", "bi:tim", "interventions.csv:2: control_metrics: 'bi:tim' is no"),
    ("interventions", "bi:time", "cms:time", "interventions.csv:2: control_metrics: 'cms:time' is"),
    ("interventions", "bi:time", "", "interventions.csv:2: control_metrics: is blank"),
    ("interventions", "after,,", "after,bi:time,", "interventions.csv:3: control_metrics: is for"),
    ("interventions", "before_after,,", "deflection,,4", "interventions.csv:3: window_weeks: is 4"),
    ("interventions", "before_after,,", "deflection,,", "interventions.csv:3: metric_id: is a dur"),
    ("unit_costs", "i2,,80", "i2,,", "unit_costs.csv:2: units: is blank; the design before_after"),
    ("unit_costs", "80,70,95", "60,70,95", "unit_costs.csv:2: hourly_cost: 60"),
    ("activations", "page.started", "page.x", "activations.csv:2: start_event_type: 'page.x' is"),
    ("funnels", "f,cms,2,page", "f,cms,3,page", "funnels.csv:3: step_number: step 2 of 'f' is"),
    ("funnels", "published,168", "published,24", "funnels.csv:3: window_hours: differs from line"),
    ("funnels", "page.published", "page.started", "funnels.csv:3: event_type: 'page.started' is"),
    (
        "funnels",
        "page.published,168,actor",
        "page.published,168,actor,,a",
        "funnels.csv:3: step_pr",
    ),
    (
        "funnels",
        "page.published,168,actor",
        "page.published,168,actor,to",
        "funnels.csv:3: step_va",
    ),
    ("funnels", "f,cms,2,page", "g,cms,2,page", "funnels.csv:2: step_number: 'f' has one step"),
    ("people_limits", "page.published", "page.x", "people_limits.csv:2: event_type: 'page.x' is"),
    ("people_limits", "words,5000", "words,many", "people_limits.csv:2: limit_value: 'many' is"),
    ("metrics", "limit,much", "limit,more", "metrics.csv:7: custom_parameter: 'more' is not in pe"),
    ("metrics", "week,person,bal", "week,item,bal", "metrics.csv:7: subject_kind: is not allowed"),
    ("diagnostics", "page.published", "page.x", "diagnostics.csv:2: item_type: 'page.x' is not"),
    ("diagnostics", "task,publish", "task,pub", "diagnostics.csv:3: item_type: 'pub' is not in"),
    ("kpis", "time,publish", "tim,publish", "kpis.csv:2: metric_id: 'tim' is not in metrics.csv"),
    ("kpis", "k,cms", "k,bi", "kpis.csv:2: problem_statement_id: 'publish' is a problem of 'cms'"),
    ("balances", "k,length,5,absolute,a line", "", "kpis.csv:2: kpi_id: 'k' has no balancing"),
    ("balances", "k,length", "k,time", "balances.csv:2: metric_id: is the KPI 'k' itself"),
    ("balances", "5,absolute", "-5,absolute", "balances.csv:2: margin: '-5' is not allowed"),
    ("tripwires", "t,k,length,<,1,day,an empty page", "", "kpis.csv:2: kpi_id: 'k' has no trip"),
    ("tripwires", "1,day", "1,month", "tripwires.csv:2: grain: 'month' is not allowed"),
    ("segmented_metrics", "time,team", "time,tem", "segmented_metrics.csv:2: segment_type: 'tem'"),
    (
        "segmented_metrics",
        "time,team",
        "spread,team",
        "segmented_metrics.csv:2: metric_id: 'spread'",
    ),
    (
        "segmented_metrics",
        "time,team",
        "time,team\ncms,time,region",
        "segmented_metrics.csv:3: pro",
    ),
    ("settings", "Europe/Berlin", "Berlin", "settings.csv:2: value: 'Berlin' is no time zone"),
    ("settings", "reporting_time_zone", "time_zone", "settings.csv:2: setting: 'time_zone' is no"),
    (
        "settings",
        "reporting_time_zone,Europe/Berlin",
        "coverage_minimum,most",
        "settings.csv:2: value: 'most' is not allowed",
    ),
    (
        "settings",
        "reporting_time_zone,Europe/Berlin",
        "baseline_weeks,16.5",
        "settings.csv:2: value: '16.5' is not allowed; allowed: a whole",
    ),
    (
        "settings",
        "reporting_time_zone,Europe/Berlin",
        "working_calendar,moon",
        "settings.csv:2: value: 'moon' is no calendar; allowed: ",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"), BROKEN, ids=[said.split(" is ")[0] for *_, said in BROKEN]
)
def test_a_broken_cell_is_named_with_its_line(
    write: Callable[..., Path], file: str, old: str, new: str, said: str
) -> None:
    problems = [str(problem) for problem in validate(write(file, old, new))]
    assert any(problem.startswith(said) for problem in problems), problems


def _task_filter(seeds: Path, dimension: str, aggregate: str = "count") -> list[str]:
    """Problems of the good registry with one more measure, of tasks, filtered by `dimension`."""
    with (seeds / "measures.csv").open("a") as handle:
        handle.write(f"due,Due,task,publish,{aggregate},,deadline,24,\n")
    with (seeds / "measure_filters.csv").open("a") as handle:
        handle.write(f"due,{dimension},present,\n")
    return [str(problem) for problem in validate(seeds)]


def test_a_misspelt_fact_of_a_task_is_refused_with_the_one_that_is_meant(
    write: Callable[..., Path],
) -> None:
    said = _task_filter(write(), "is_by_deadlin")
    assert said[0].startswith(
        "measure_filters.csv:3: dimension: 'is_by_deadlin' is no fact of a task "
        "(is 'is_by_deadline' meant?); allowed: state, reopen_count,"
    )


def test_a_property_of_a_task_that_is_like_a_fact_may_be_declared(
    write: Callable[..., Path],
) -> None:
    seeds = write("tracking_plan", "trigger,role", "trigger,role,required_properties")
    plan = seeds / "tracking_plan.csv"
    plan.write_text(plan.read_text().replace("button,start,", "button,start,words;duration_hour"))
    assert _task_filter(seeds, "duration_hour") == []


def test_any_other_property_of_a_task_may_be_filtered(write: Callable[..., Path]) -> None:
    assert _task_filter(write(), "priority") == []


def test_a_fact_that_only_events_have_is_refused_for_tasks(write: Callable[..., Path]) -> None:
    assert "'ingress_path' is no fact of a task" in _task_filter(write(), "ingress_path")[0]


def test_an_age_is_refused_where_no_period_end_gives_it(write: Callable[..., Path]) -> None:
    said = _task_filter(write(), "age_at_period_end_hours")
    assert "age_at_period_end_hours needs the aggregate open_at_period_end" in said[0]


def test_an_age_is_allowed_for_what_is_open(write: Callable[..., Path]) -> None:
    assert _task_filter(write(), "age_at_period_end_hours", "open_at_period_end") == []


def test_a_fourth_kpi_of_a_product_is_one_too_many(write: Callable[..., Path]) -> None:
    seeds = write()
    for file, rows in {
        "kpis": "{},cms,time,publish,which safeguard,What changed?\n",
        "balances": "{},length,5,absolute,a line\n",
        "tripwires": "t{0},{0},length,<,1,day,an empty page\n",
    }.items():
        with (seeds / f"{file}.csv").open("a") as handle:
            handle.writelines(rows.format(kpi) for kpi in ("k2", "k3"))
    assert validate(seeds) == []
    with (seeds / "kpis.csv").open("a") as handle:
        handle.write("k4,cms,time,publish,which safeguard,What changed?\n")
    assert "kpis.csv:5: product_id: 'cms' has 4 KPIs; allowed: 1 to 3" in map(str, validate(seeds))


def test_counts_divided_in_two_ways_can_be_subtracted_and_are_refused(
    write: Callable[..., Path],
) -> None:
    row = "pace,Pace,ratio_of_sums,,words,none,,,words,pages,,,week,item,health,Pace,1"
    seeds = write("segmented_metrics", "cms,time,team", "cms,length,team\ncms,pace,region")
    path = seeds / "metrics.csv"
    path.write_text("\n".join(padded([*path.read_text().splitlines(), row])) + "\n")
    said = "segmented_metrics.csv:3: metric_id: 'pace' rests on 'words', which 'length' divides"
    assert any(str(problem).startswith(said) for problem in validate(seeds))


def test_comments_blank_lines_and_quoted_newlines_keep_true_line_numbers(
    write: Callable[..., Path],
) -> None:
    seeds = write()
    (seeds / "products.csv").write_text(
        "# what we own\nproduct_id,product_name,owner_team\n\n# the site\n"
        'cms,"News\n# not a comment",Web\n,Desk,Data\n'
    )
    first = validate(seeds)[0]
    assert (first.file, first.line, first.column) == ("products.csv", 7, "product_id")


def test_a_missing_file_that_is_needed_is_named(write: Callable[..., Path]) -> None:
    seeds = write()
    (seeds / "metrics.csv").unlink()
    assert str(validate(seeds)[0]).startswith("metrics.csv:1: file: is missing")


def test_a_lost_file_that_others_name_rows_of_is_one_problem(write: Callable[..., Path]) -> None:
    seeds = write()
    assert len((seeds / "kpis.csv").read_text().splitlines()) > 1
    (seeds / "kpis.csv").unlink()
    (found,) = validate(seeds)
    assert str(found).startswith("kpis.csv:1: file: is missing or has no rows; ")
    assert "the first in line 2 of balances.csv" in str(found)


def test_a_file_that_is_no_utf8_is_named(write: Callable[..., Path]) -> None:
    seeds = write()
    (seeds / "products.csv").write_bytes("product_id,Straße\n".encode("latin-1"))
    assert str(validate(seeds)[0]).startswith("products.csv:1: file: is not UTF-8")


def test_the_line_that_is_no_utf8_is_named(write: Callable[..., Path]) -> None:
    seeds = write()
    with (seeds / "products.csv").open("ab") as handle:
        handle.write("straße,Straße,Web\n".encode("latin-1"))
    line = len((seeds / "products.csv").read_bytes().splitlines())
    assert str(validate(seeds)[0]).startswith(f"products.csv:{line}: file: is not UTF-8")


@pytest.mark.parametrize("is_gone", [True, False], ids=["no header", "other case"])
def test_a_file_without_its_header_is_one_problem(
    write: Callable[..., Path], is_gone: bool
) -> None:
    seeds = write()
    header, *rows = (seeds / "kpis.csv").read_text().splitlines()
    (seeds / "kpis.csv").write_text("\n".join([*([] if is_gone else [header.upper()]), *rows]))
    (problem,) = validate(seeds)
    assert str(problem).startswith(
        "kpis.csv:1: header: is missing, for no cell of the first row names a column; expected kpi_"
    )


def test_a_row_with_semicolons_among_rows_with_commas_is_called_so(
    write: Callable[..., Path],
) -> None:
    seeds = write()
    header, first, *rows = (seeds / "products.csv").read_text().splitlines()
    text = "\n".join([header, first.replace(",", ";"), *rows])
    (seeds / "products.csv").write_text(text)
    (problem,) = validate(seeds)
    assert problem.line == 2
    assert problem.what == "the row is separated by semicolons; write commas"


def test_a_file_with_semicolons_is_one_problem(write: Callable[..., Path]) -> None:
    seeds = write()
    text = (seeds / "kpis.csv").read_text()
    (seeds / "kpis.csv").write_text(text.replace(",", ";"))
    (problem,) = validate(seeds)
    assert str(problem) == (
        "kpis.csv:1: header: is separated by semicolons; save the file as CSV with commas"
    )


def test_a_quotation_mark_that_is_not_closed_is_named_where_it_opens(
    write: Callable[..., Path],
) -> None:
    seeds = write()
    line = len((seeds / "products.csv").read_text().splitlines()) + 1
    with (seeds / "products.csv").open("a") as handle:
        handle.write('"shop,Shop,Web\nmore,More,Web\n')
    said = str(validate(seeds)[0])
    assert said.startswith(f"products.csv:{line}: file: is not CSV from here on")


@pytest.mark.parametrize("registry", ["sample", "real"])
def test_registries_of_the_project_are_valid(registry: str) -> None:
    assert validate(Path(__file__).parents[2] / "seeds" / registry) == []


@pytest.mark.parametrize("name", FILES)
def test_a_new_registry_is_commented_and_valid(name: str, tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / f"{file}.csv").write_text(template(file))
    assert validate(tmp_path) == []
    assert all(f"# {column} (" in template(name) for column in columns(name))


def test_every_setting_that_is_read_is_one_that_a_registry_may_hold() -> None:
    project = Path(__file__).parents[2]
    text = " ".join(
        path.read_text(encoding="utf-8")
        for folder in ("dbt_project", "orchestration")
        for path in sorted((project / folder).rglob("*"))
        if path.suffix in (".sql", ".py")
    )
    read = set(re.findall(r"setting(?:_number\(| = )'([a-z_]+)'", text))
    assert "baseline_weeks" in read
    assert read == {*NUMBERS_AS_SETTINGS, *TEXTS_AS_SETTINGS}

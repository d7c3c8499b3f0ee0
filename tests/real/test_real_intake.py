"""Every line of every real export is accounted for."""

import csv
import gzip
from pathlib import Path

from orchestration.real import build
from orchestration.workspace import Workspace

LINE_COUNTS = {
    "git/alphagov__content-publisher__commits.csv.gz": 8_342,
    "git/alphagov__content-publisher__tags.csv.gz": 2_673,
    "git/alphagov__frontend__commits.csv.gz": 15_986,
    "git/alphagov__frontend__tags.csv.gz": 5_332,
    "git/alphagov__publishing-api__commits.csv.gz": 10_398,
    "git/alphagov__publishing-api__tags.csv.gz": 3_481,
    "git/alphagov__signon__commits.csv.gz": 10_632,
    "git/alphagov__signon__tags.csv.gz": 3_622,
    "git/alphagov__support__commits.csv.gz": 5_039,
    "git/alphagov__support__tags.csv.gz": 1_856,
    "git/18F__18f.gsa.gov__commits.csv.gz": 9_207,
    "git/18F__18f.gsa.gov__tags.csv.gz": 17,
    "git/ministryofjustice__cloud-platform-environments__commits.csv.gz": 84_202,
    "git/ministryofjustice__cloud-platform-environments__tags.csv.gz": 10,
    "git_cms/content_events.csv.gz": 11_437,
    "gitops/image_tag_changes.csv.gz": 115_884,
    "idp/namespace_change_events.csv.gz": 96_788,
    "metabase/activity.csv.gz": 145,
    "metabase/login_history.csv.gz": 86,
    "metabase/query_execution.csv.gz": 2_069,
    "metabase/revision.csv.gz": 140,
    "metabase/task_history.csv.gz": 14_299,
    "metabase/view_log.csv.gz": 1_681,
    "servicenow/incident_event_log_full141712_prefix_stripped.csv.gz": 141_712,
    "statuspage/incidents.jsonl.gz": 819,
}


def test_every_line_of_every_real_file_is_accepted_repeated_or_quarantined(sql):
    files = sql(
        "select path, line_count, accepted_line_count, duplicate_line_count, "
        "quarantined_line_count, is_balanced from intake.int_intake_reconciliation"
    )
    assert {path: count for path, count, *_ in files} == LINE_COUNTS
    for path, count, accepted, repeated, quarantined, is_balanced in files:
        assert is_balanced, path
        assert accepted + repeated + quarantined == count, path


def test_no_real_line_is_rejected_and_no_event_comes_twice(sql):
    assert (
        sql("select path, reason, count(*) from intake.int_events_quarantined group by all") == []
    )
    assert (
        sql(
            "select source_id, reason, count(*) from intake.int_events_classified "
            "where classification <> 'accepted' group by all"
        )
        == []
    )


def test_line_counts_agree_with_a_reader_that_is_not_ours(workspace: Workspace):
    for path, count in LINE_COUNTS.items():
        with gzip.open(workspace.landing / path, "rt", encoding="utf-8", newline="") as file:
            read = list(csv.reader(file))[1:] if ".csv" in path else file.readlines()
        assert len(read) == count, path


def test_a_second_build_replaces_links_and_keeps_files_of_others(real_data: Path, tmp_path: Path):
    workspace = Workspace(tmp_path)
    own = workspace.landing / "gitops" / "image_tag_changes_own.csv"
    own.parent.mkdir(parents=True)
    own.write_text("")
    gone = workspace.landing / "gitops" / "gone.csv.gz"
    gone.symlink_to(tmp_path / "nowhere")
    first = build(workspace, real_data)
    assert build(workspace, real_data) == first
    assert len(first) == len(LINE_COUNTS)
    assert own.is_file() and not gone.is_symlink()

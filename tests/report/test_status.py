"""PipelineTaskFinalStatus in the ways it comes."""

import pytest

from codekiln.report.status import Ending, read


def test_a_clusters_and_a_local_runs_words_mean_the_same() -> None:
    cluster = '{"state":"FAILED","pipelineTaskName":"x","error":{"code":9,"message":"no"}}'
    local = '{"state":"FAILED","pipeline_task_name":"x","error":{"code":1,"message":"no"}}'
    assert read(cluster) == read(local) == Ending(state="FAILED", message="no")
    assert read(cluster).is_failure


@pytest.mark.parametrize("text", ["", "{}", "null", "[1]", "{{$.inputs", '{"state": null}'])
def test_what_cannot_be_read_counts_as_not_told(text: str) -> None:
    assert read(text) == Ending()

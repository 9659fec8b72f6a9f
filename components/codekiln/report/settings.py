"""What the report phase may be told."""

from typing import Annotated

from pydantic import Field

from codekiln.core.settings import InRun, OptionalPath, Output, Section


class Settings(Section):
    """Tell what a run did, or where and why it failed, on one page."""

    run_root: Annotated[str, InRun()] = Field(
        "", description="folder or URI under which every step's outputs lie; empty: this run's"
    )
    phases: str = Field("", description="phases of the pipeline in running order, with commas")
    repository: str = Field("", description="path or URL of the repository the run was about")
    status: str = Field("", description="PipelineTaskFinalStatus as JSON; empty outside a pipeline")
    report: Output = Field(description="folder to write the page and the document into")
    page: OptionalPath = Field(None, description="file to write the page into once more")

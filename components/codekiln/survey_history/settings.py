"""What the survey_history phase may be told."""

from pydantic import Field

from codekiln.core.settings import Output, Section


class Settings(Section):
    """Count commits, authors and branches, and estimate what training on them takes."""

    repository: str = Field(description="path or URL of the git repository")
    survey: Output = Field(description="folder to write survey.json into")
    seconds_per_step: float = Field(1.5, gt=0, description="seconds that one step takes")
    batch_size: int = Field(8, ge=1, description="sequences in a step")

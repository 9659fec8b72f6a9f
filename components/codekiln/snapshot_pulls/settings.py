"""What the snapshot_pulls phase may be told."""

from pydantic import Field

from codekiln.core.settings import Output, Section


class Settings(Section):
    """Pin one version of the collected pull requests: every later step works with it."""

    data: str = Field(
        min_length=1, description="where the collected data lies: a folder, or s3://BUCKET/PREFIX"
    )
    collected: Output = Field(description="folder to write the reference to the version into")
    version: str = Field("", description="number or name of the version; empty: the newest")

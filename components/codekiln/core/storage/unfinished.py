"""Uploads in parts that were begun and never ended, as a killed process leaves them.

The client that moves our data cannot see them; AWS's own can.
"""

import logging
from typing import Any

import botocore.config
import botocore.exceptions
import botocore.session

from codekiln.core.storage.aws import Account

logger = logging.getLogger(__name__)


def abort(bucket: str, prefix: str, account: Account) -> None:
    """Abort all such uploads under `prefix`; where the store refuses, say so and leave them."""
    try:
        client = _client(account)
        pages = client.get_paginator("list_multipart_uploads")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for found in page.get("Uploads", []):
                logger.info("removing the unfinished upload of %s", found["Key"])
                client.abort_multipart_upload(
                    Bucket=bucket, Key=found["Key"], UploadId=found["UploadId"]
                )
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        # They cost space, and nothing else: no reason to end a run.
        logger.debug("unfinished uploads under %s are left: %s", prefix, error)


def _client(account: Account) -> Any:
    frozen = account.credentials.get_frozen_credentials()
    return botocore.session.get_session().create_client(
        "s3",
        endpoint_url=account.endpoint,
        region_name=account.region,
        aws_access_key_id=frozen.access_key,
        aws_secret_access_key=frozen.secret_key,
        aws_session_token=frozen.token,
        config=botocore.config.Config(s3={"addressing_style": account.addressing}),
    )

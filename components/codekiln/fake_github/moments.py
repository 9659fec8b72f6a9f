"""Moments as GitHub writes them: `2026-07-01T00:00:00Z`, and in headers by RFC 9110."""

import calendar
import time
from email.utils import formatdate
from functools import lru_cache

DAY = 86_400


def stamp(moment: float) -> str:
    """Write epoch seconds as GitHub's JSON does."""
    day, second = divmod(int(moment), DAY)
    minute, second = divmod(second, 60)
    return f"{_date(day)}T{minute // 60:02}:{minute % 60:02}:{second:02}Z"


@lru_cache(maxsize=8_192)
def _date(day: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(day * DAY))


def http_date(moment: float) -> str:
    """Write epoch seconds as a `Date` header does."""
    return formatdate(moment, usegmt=True)


def seconds(text: str) -> float:
    """Read `2026-07-01T00:00:00Z`, or a date alone; raises ValueError."""
    form = "%Y-%m-%dT%H:%M:%SZ" if "T" in text else "%Y-%m-%d"
    return calendar.timegm(time.strptime(text, form))

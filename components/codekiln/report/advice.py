"""What to do about a phase that failed, beside what its own message says."""

from codekiln.report.phases import Phase

BY_EXIT_CODE = {
    2: "What came in cannot be used, and the same run would fail again: mend that first.",
    75: "Something outside failed (a service, the network): the same run may pass.",
    130: "It was interrupted: run it again.",
    137: "It was killed, most likely for memory: give it more, or less to do.",
    143: "It was told to stop: run it again.",
}
UNKNOWN = "The message says what is known; the log of the step says more."


def advice_on(failed: Phase | None) -> str:
    """Return what the exit code of `failed` means; a negative one is the signal that ended it."""
    if failed is None or failed.failure is None:
        return ""
    code = failed.failure.exit_code
    return BY_EXIT_CODE.get(code if code >= 0 else 128 - code, UNKNOWN)

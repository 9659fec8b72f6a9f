"""What nobody wrote about a change goes."""

import pytest

from codekiln.clean_corpus import prose

FILLED = """<!-- Thanks for sending a pull request!
Please read this. -->
#### What type of PR is this?
/kind bug

#### What this PR does / why we need it:
The lease was lost when the leader \
stepped down twice [![Build](https://ci/x.svg)](https://ci).

> You wrote that it works.

On Mon, 3 Jan 2022 at 10:00, Jane Roe <jane@corp.org> wrote:
> it works

```go
> keep this
// Signed-off-by: kept, it is code
lease.Renew()
```

## Checklist
- [ ] I have read the rules
- [x] Tests

#### Special notes for your reviewer:

#### Does this PR introduce a user-facing change?
```release-note
NONE
```

Fixes #12

Signed-off-by: Jane Roe <jane@corp.org>
Co-authored-by: Max <max@corp.org>
(cherry picked from commit 0123456789abcdef)
"""


def cleaned(text: str) -> str:
    return prose.cleaned(text.encode()).decode()


def test_of_a_filled_template_only_the_answers_stay() -> None:
    assert cleaned(FILLED) == (
        "The lease was lost when the leader stepped down twice .\n\n"
        "```go\n> keep this\n// Signed-off-by: kept, it is code\nlease.Renew()\n```\n\nFixes #12"
    )


def test_what_a_person_wrote_stays_as_it_is() -> None:
    text = (
        "## Why\n\nThe map grows: see\nhttps://x.io/a?b=c.\n\n- one [link](https://x.io)\n- two\n\n"
        "| a | b |\n|---|---|\n\n`/lgtm` is a command; cc: fields of mails are not parsed."
    )
    assert cleaned(text) == text


@pytest.mark.parametrize(
    "noise",
    [
        "Signed-off-by: A B <a@b.org>",
        "Co-Authored-By: Claude <noreply@x.org>",
        "Reviewed-on: https://go-review.googlesource.com/c/go/+/1",
        "Change-Id: I0123456789abcdef",
        "/assign @jane",
        "- [ ] tests added",
        "* [x] docs updated",
        "> quoted",
        "N/A",
        "**Checklist:**",
        "## Release notes",
        "<!-- hidden -->",
        "<!-- never closed",
        "![shot](https://x/y.png)",
        '<img src="https://x/y.png" width="40">',
        "🤖 Generated with [Claude Code](https://claude.ai/code)",
        "Claude-Session: https://claude.ai/code/session_01abc",
        "https://claude.ai/code/session_01abc",
        "Made-with: Cursor",
        "---------\n\nSigned-off-by: A B <a@b.org>",
        "---\n\n* * *\n___",
        "Sent from my iPhone",
        "Update server/main_test.go",
        "Apply suggestions from code review",
        "-- \nJane Roe\nCorp",
        "-----Original Message-----\nall of this",
        "## Summary by CodeRabbit\n\nsays much",
        "[Coverage Status](https://coveralls.io/x) fell",
    ],
)
def test_noise_goes_and_what_stands_before_it_stays(noise: str) -> None:
    assert cleaned(f"It raced.\n\n{noise}\n") == "It raced."


def test_a_heading_goes_with_its_section_only_if_nothing_is_below() -> None:
    assert cleaned("## Why\n\n## How\n\nBy a lock.\n\n## Next\n") == "## How\n\nBy a lock."


def test_robots_regions_go_whole() -> None:
    text = (
        "Mine.\n<!-- This is an auto-generated comment: release notes by coderabbit.ai -->\n"
        "robot's\n<!-- end of auto-generated comment: release notes by coderabbit.ai -->\nMine too."
    )
    assert cleaned(text) == "Mine.\n\nMine too."


@pytest.mark.parametrize(
    "title",
    [
        "Bump github.com/a/b from 1.2 to 1.3",
        "Bump github.com/a/b from 1.2 to 1.3 in /server",
        "build(deps): bump golang.org/x/net from 0.1.0 to 0.2.0 in /server",
        "chore(deps): update module golang.org/x/sync to v0.7.0",
        "Update module github.com/x/y to v2",
        "fix(deps): update dependency z",
        "[Snyk] Security upgrade golang from 1.20 to 1.21",
        "[pre-commit.ci] pre-commit autoupdate",
        "docs: add jane as a contributor for code",
    ],
)
def test_robots_are_known_by_their_titles(title: str) -> None:
    assert prose.is_robot(title.encode(), b"")


@pytest.mark.parametrize(
    "title",
    [
        "server: bump the allocation to 10 entries",
        "Update README",
        "fix: update the watcher when a module is gone",
        "Bump retries",
        "Bump go.etcd.io/raft to v3.7.0-beta.0",
        "Update dependency injection of the server",
        "deps: vendor etcd by hand because of the fork",
        "Automatically renew leases",
    ],
)
def test_people_are_not_taken_for_robots(title: str) -> None:
    assert not prose.is_robot(title.encode(), b"It is needed for the lease.")


def test_robots_are_known_by_their_bodies() -> None:
    assert prose.is_robot(b"x", b"This PR contains the following updates:\n| Package |")


def test_a_title_is_one_line_without_badges() -> None:
    assert prose.cleaned_title(b" fix:  race \n in ![x](y) lease ") == b"fix: race in lease"

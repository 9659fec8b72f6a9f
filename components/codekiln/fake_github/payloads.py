"""GitHub's REST objects as JSON text, shaped like those in @octokit/openapi.

Text, not dictionaries: a page of 100 pull requests is two megabytes of which nearly all is the same
repository and the same few people, made once and pasted.
"""

import json
from functools import lru_cache

from codekiln.fake_github import node_ids, talk
from codekiln.fake_github.moments import stamp
from codekiln.fake_github.people import Person
from codekiln.fake_github.pulls import Comment, Pull
from codekiln.fake_github.repository import Repository
from codekiln.fake_github.specs import LICENSES

_USER_URLS = (
    "followers",
    "following{/other_user}",
    "gists{/gist_id}",
    "starred{/owner}{/repo}",
    "subscriptions",
    "orgs",
    "repos",
    "events{/privacy}",
    "received_events",
)
_REPOSITORY_URLS = (
    "archive_url:{archive_format}{/ref}", "assignees{/user}", "branches{/branch}",
    "collaborators{/collaborator}", "comments{/number}", "commits{/sha}",
    "compare_url:compare/{base}...{head}", "contents_url:contents/{+path}", "contributors",
    "deployments", "downloads", "events", "forks", "git_commits_url:git/commits{/sha}",
    "git_refs_url:git/refs{/sha}", "git_tags_url:git/tags{/sha}",
    "issue_comment_url:issues/comments{/number}", "issue_events_url:issues/events{/number}",
    "issues{/number}", "keys{/key_id}", "labels{/name}", "languages", "merges",
    "milestones{/number}", "notifications{?since,all,participating}", "pulls{/number}",
    "releases{/id}", "stargazers", "statuses_url:statuses/{sha}", "subscribers", "subscription",
    "tags", "teams", "trees_url:git/trees{/sha}", "blobs_url:git/blobs{/sha}", "hooks",
)  # fmt: skip


def text(value: object) -> str:
    """Return `value` as JSON."""
    return _ENCODE(value)


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Payloads:
    """JSON for clients that know us as `api` and `server`.

    `lean` leaves out the links of people and repositories that only browsing needs: nine tenths of
    the bytes of a page of pull requests.
    """

    def __init__(self, api: str, server: str, *, lean: bool = False) -> None:
        self.api = api
        self.server = server
        self.lean = lean
        self.user = lru_cache(maxsize=4_096)(self._user)
        self._labels: dict[tuple[str, tuple[str, ...]], str] = {}
        self._pasted: dict[int, tuple[tuple[str, int, int, int], str, str]] = {}

    def _user(self, person: Person) -> str:
        at = f"{self.api}/users/{person.handle}"
        kind = "Bot" if person.is_bot else "User"
        told: dict[str, object] = {
            "login": person.handle, "id": person.id, "node_id": person.node_id,
        }  # fmt: skip
        if not self.lean:
            told["avatar_url"] = f"https://avatars.githubusercontent.com/u/{person.id}?v=4"
            told |= {"gravatar_id": "", "url": at, "html_url": f"{self.server}/{person.login}"}
            told |= {f"{u.split('{')[0]}_url": f"{at}/{u}" for u in _USER_URLS}
        return text(told | {"type": kind, "user_view_type": "public", "site_admin": False})

    def owner(self, repository: Repository) -> str:
        """Return the account of an owner, an organization."""
        at = f"{self.api}/users/{repository.owner}"
        told: dict[str, object] = {"login": repository.owner, "id": 500_000 + repository.id % 9_973}
        told["node_id"] = node_ids.encode("O", 500_000 + repository.id % 9_973)
        if not self.lean:
            told |= {"url": at, "html_url": f"{self.server}/{repository.owner}"}
            told |= {f"{u.split('{')[0]}_url": f"{at}/{u}" for u in _USER_URLS}
        return text(told | {"type": "Organization", "site_admin": False})

    def repository(self, repository: Repository, *, extra: str = "") -> str:
        """Return a repository; `extra` are further fields, each with its comma in front."""
        spec = repository.spec
        at = f"{self.api}/repos/{repository.name}"
        page = f"{self.server}/{repository.name}"
        told: dict[str, object] = {
            "id": repository.id,
            "node_id": repository.node_id,
            "name": repository.name.partition("/")[2],
            "full_name": repository.name,
            "private": spec.private,
            "html_url": page,
            "description": spec.description or None,
            "fork": spec.fork,
            "url": at,
            "clone_url": f"{page}.git",
        }
        if not self.lean:
            told |= dict(_link(at, link) for link in _REPOSITORY_URLS)
            told |= {"svn_url": page, "homepage": None, "mirror_url": None, "topics": ["go"]}
            told |= dict.fromkeys(("has_issues", "has_projects", "has_downloads", "has_wiki"), True)
        told |= self._changing(repository)
        return f'{text(told)[:-1]},"owner":{self.owner(repository)}{extra}}}'

    def _changing(self, repository: Repository) -> dict[str, object]:
        spec = repository.spec
        waiting = repository.open_count() + 3 * (repository.id % 11)
        return {
            "created_at": stamp(repository.created_at),
            "updated_at": stamp(repository.pushed_at),
            "pushed_at": stamp(repository.pushed_at),
            "size": spec.size_kib,
            "stargazers_count": spec.stars,
            "watchers_count": spec.stars,
            "watchers": spec.stars,
            "language": spec.language,
            "forks_count": spec.stars // 7,
            "forks": spec.stars // 7,
            "archived": spec.archived,
            "disabled": False,
            "open_issues_count": waiting,
            "open_issues": waiting,
            "license": self._license(spec.license),
            "visibility": "private" if spec.private else "public",
            "default_branch": spec.default_branch,
            "is_template": False,
        }

    def _license(self, spdx: str | None) -> dict[str, object] | None:
        if spdx is None:
            return None
        key = "other" if spdx == "NOASSERTION" else spdx.lower()
        url = None if key == "other" else f"{self.api}/licenses/{key}"
        name = LICENSES.get(spdx, spdx)
        return {"key": key, "name": name, "spdx_id": spdx, "url": url, "node_id": f"L_{key}"}

    def pasted(self, repository: Repository) -> tuple[str, str]:
        """Return the repository and its owner as they stand in each of its pull requests."""
        kept = self._pasted.get(repository.id)
        if kept is None or kept[0] != repository.shown:
            if len(self._pasted) > 256:
                self._pasted.clear()
            kept = (repository.shown, self.repository(repository), self.owner(repository))
            self._pasted[repository.id] = kept
        return kept[1:]

    def pull(self, repository: Repository, pull: Pull, *, extra: str = "") -> str:
        """Return a pull request as lists give it; `extra` is what only the single one has."""
        at = f"{self.api}/repos/{repository.name}"
        page = f"{self.server}/{repository.name}/pull/{pull.number}"
        here, issue = f"{at}/pulls/{pull.number}", f"{at}/issues/{pull.number}"
        base, owner = self.pasted(repository)
        author = self.user(pull.author)
        head = self._head(repository, pull, base, owner)
        label = f"{repository.owner}:{repository.spec.default_branch}"
        branch = f'"ref":"{repository.spec.default_branch}","sha":"{pull.base_sha}"'
        closed = _stamp(pull.closed_at)
        merge = f'"{pull.merge_sha}"' if pull.merge_sha else "null"
        return (
            f'{{"url":"{here}","id":{pull.id},"node_id":"{repository.node_id_of(pull.index)}",'
            f'"html_url":"{page}","diff_url":"{page}.diff","patch_url":"{page}.patch",'
            f'"issue_url":"{issue}","number":{pull.number},'
            f'"state":"{"open" if pull.is_open else "closed"}","locked":false,'
            f'"title":{_ENCODE(pull.title)},"user":{author},'
            f'"body":{_ENCODE(pull.story.body or None)},"created_at":"{stamp(pull.created_at)}",'
            f'"updated_at":"{stamp(pull.updated_at)}","closed_at":{closed},'
            f'"merged_at":{closed if pull.is_merged else "null"},"merge_commit_sha":{merge},'
            f'"assignee":null,"assignees":[],"requested_reviewers":[],"requested_teams":[],'
            f'"labels":{self.labels(repository, pull.story.labels)},'
            f'"milestone":{self._milestone(repository, pull)},'
            f'"draft":{"true" if pull.is_draft else "false"},"commits_url":"{here}/commits",'
            f'"review_comments_url":"{here}/comments",'
            f'"review_comment_url":"{at}/pulls/comments{{/number}}",'
            f'"comments_url":"{issue}/comments","statuses_url":"{at}/statuses/{pull.head_sha}",'
            f'"head":{head},"base":{{"label":"{label}",{branch},"user":{owner},"repo":{base}}},'
            f'"_links":{{"self":{{"href":"{here}"}},"html":{{"href":"{page}"}},'
            f'"issue":{{"href":"{issue}"}},"comments":{{"href":"{issue}/comments"}},'
            f'"review_comments":{{"href":"{here}/comments"}},'
            f'"commits":{{"href":"{here}/commits"}}}},'
            f'"author_association":"{pull.association}","auto_merge":null,'
            f'"active_lock_reason":null{extra}}}'
        )

    def _head(self, repository: Repository, pull: Pull, base: str, owner: str) -> str:
        where = f'"ref":{_ENCODE(pull.story.branch)},"sha":"{pull.head_sha}"'
        if not pull.fork_owner:
            label = _ENCODE(f"{repository.owner}:{pull.story.branch}")
            return f'{{"label":{label},{where},"user":{owner},"repo":{base}}}'
        label = _ENCODE(f"{pull.fork_owner}:{pull.story.branch}")
        user = self.user(pull.author)
        # One fork in eight was deleted since: its head has no repository any more.
        if pull.id % 8 == 0:
            return f'{{"label":{label},{where},"user":{user},"repo":null}}'
        fork = base.replace(f'"full_name":"{repository.name}"', f'"full_name":"{_fork(pull)}"', 1)
        return f'{{"label":{label},{where},"user":{user},"repo":{fork}}}'

    def labels(self, repository: Repository, names: tuple[str, ...]) -> str:
        """Return labels."""
        key = (repository.name, names)
        if key not in self._labels:
            if len(self._labels) > 4_096:
                self._labels.clear()
            self._labels[key] = self._made_labels(repository, names)
        return self._labels[key]

    def _made_labels(self, repository: Repository, names: tuple[str, ...]) -> str:
        at = f"{self.api}/repos/{repository.name}/labels"
        return text(
            [
                {
                    "id": 7_000_000 + sum(name.encode()),
                    "node_id": node_ids.encode("LA", repository.id, sum(name.encode())),
                    "url": f"{at}/{name}", "name": name, "color": "ededed", "default": False,
                    "description": None,
                }
                for name in names
            ]
        )  # fmt: skip

    def _milestone(self, repository: Repository, pull: Pull) -> str:
        if not pull.milestone:
            return "null"
        at = f"{self.api}/repos/{repository.name}/milestones/{pull.milestone}"
        return text(
            {
                "url": at, "id": 40_000 + pull.milestone, "number": pull.milestone,
                "title": f"v0.{pull.milestone}", "state": "closed", "description": None,
                "created_at": stamp(pull.created_at), "updated_at": stamp(pull.created_at),
            }
        )  # fmt: skip

    def remark(self, repository: Repository, pull: Pull, remark: Comment) -> str:
        """Return a comment on a line of a pull request."""
        at = f"{self.api}/repos/{repository.name}/pulls"
        page = f"{self.server}/{repository.name}/pull/{pull.number}#discussion_r{remark.id}"
        line, hunk = talk.line_of(remark), talk.hunk_of(pull, remark)
        when = stamp(remark.created_at)
        role = pull.association if remark.author == pull.author else "MEMBER"
        return (
            f'{{"url":"{at}/comments/{remark.id}","pull_request_review_id":{pull.id * 16},'
            f'"id":{remark.id},"node_id":"{node_ids.encode("PRRC", repository.id, remark.id)}",'
            f'"diff_hunk":{_ENCODE(hunk)},"path":{_ENCODE(pull.story.path)},'
            f'"commit_id":"{pull.head_sha}","original_commit_id":"{pull.head_sha}",'
            f'"user":{self.user(remark.author)},"body":{_ENCODE(remark.body)},'
            f'"created_at":"{when}","updated_at":"{when}","html_url":"{page}",'
            f'"pull_request_url":"{at}/{pull.number}",'
            f'"author_association":"{role}",'
            f'"_links":{{"self":{{"href":"{at}/comments/{remark.id}"}},"html":{{"href":"{page}"}},'
            f'"pull_request":{{"href":"{at}/{pull.number}"}}}},'
            f'"reactions":{{"url":"{at}/comments/{remark.id}/reactions","total_count":0}},'
            f'"start_line":null,"original_start_line":null,"start_side":null,"line":{line},'
            f'"original_line":{line},"side":"RIGHT","original_position":{line},"position":{line},'
            f'"subject_type":"line"}}'
        )


def _link(at: str, link: str) -> tuple[str, str]:
    name, _, path = link.partition(":")
    if path:
        return name, f"{at}/{path}"
    return f"{name.split('{')[0]}_url", f"{at}/{name}"


def _fork(pull: Pull) -> str:
    return f"{pull.fork_owner}/fork"


def _stamp(moment: int) -> str:
    return f'"{stamp(moment)}"' if moment else "null"

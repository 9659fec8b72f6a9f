"""The REST routes: each takes a request and what its path named, and gives an answer."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from codekiln.fake_github import moments, orders, search, talk
from codekiln.fake_github.messages import JSON, Asked, Said, problem
from codekiln.fake_github.paging import Page, link_header, page_of
from codekiln.fake_github.payloads import Payloads, text
from codekiln.fake_github.pulls import Pull
from codekiln.fake_github.repository import Repository
from codekiln.fake_github.world import World


class Rest:
    """Everything under the API's root but /graphql."""

    def __init__(self, world: World, *, lean: bool = False) -> None:
        self.world = world
        self.lean = lean
        self._payloads: dict[str, Payloads] = {}

    def answer(self, asked: Asked) -> Said:
        """Answer a request, with an ETag where GitHub gives one."""
        if named := _NAMED.fullmatch(asked.path):
            found = self.world.find(f"{named['owner']}/{named['name']}")
            if (
                found is not None
                and f"{named['owner']}/{named['name']}".lower() != found.name.lower()
            ):
                return self._moved(asked, found, named["rest"])
        elif named := _NUMBERED.fullmatch(asked.path):
            found = self.world.by_id(int(named["id"]))
        elif asked.path == "/search/repositories":
            return search.answer(self.world, asked, self.payloads(asked), page_of(asked))
        else:
            return problem(404, "Not Found")
        if found is None or found.gone or found.spec.private:
            return _gone(found)
        return self._of_repository(asked, found, named["rest"])

    def payloads(self, asked: Asked) -> Payloads:
        """Return the writer of JSON for clients that reach us as this one does."""
        if asked.base not in self._payloads:
            server = asked.base.removesuffix("/api/v3").replace("://api.", "://", 1)
            self._payloads[asked.base] = Payloads(asked.base, server, lean=self.lean)
        return self._payloads[asked.base]

    def _moved(self, asked: Asked, found: Repository, rest: str) -> Said:
        if found.gone:
            return _gone(found)
        query = f"?{urlencode(asked.params)}" if asked.params else ""
        url = f"{asked.base}/repositories/{found.id}{rest}{query}"
        said = problem(301, "Moved Permanently", url=url)
        said.headers["location"] = url
        return said

    def _of_repository(self, asked: Asked, found: Repository, rest: str) -> Said:
        for route, handler in _ROUTES:
            if match := route.fullmatch(rest):
                if asked.method != "GET":
                    break
                numbers = [int(group) for group in match.groups()]
                return handler(self, asked, found, numbers)
        return problem(404, "Not Found")

    def repository(self, asked: Asked, found: Repository, _numbers: Sequence[int]) -> Said:
        """GET /repos/{owner}/{repo}."""
        more = (
            f',"subscribers_count":{found.spec.stars // 40},"network_count":{found.spec.stars // 7}'
        )
        body = self.payloads(asked).repository(found, extra=more)
        return self._tagged(asked, body, found.shown, 1)

    def pulls(self, asked: Asked, found: Repository, _numbers: Sequence[int]) -> Said:
        """GET /repos/{owner}/{repo}/pulls."""
        state, sort = asked.params.get("state", "open"), asked.params.get("sort", "created")
        if state not in ("open", "closed", "all"):
            return _unprocessable("PullRequest", "state", state)
        usual = "desc" if "sort" not in asked.params or sort == "created" else "asc"
        indexes = orders.listed(
            found, state, sort, newest_first=asked.params.get("direction", usual) == "desc"
        )
        indexes = _narrowed(found, indexes, asked.params)
        page = page_of(asked)
        chosen = [found.pull(index) for index in indexes[page.rows]]
        write = self.payloads(asked)
        body = f"[{','.join(write.pull(found, pull) for pull in chosen)}]"
        versions = [(pull.number, pull.updated_at, pull.revision) for pull in chosen]
        said = self._tagged(asked, body, (found.shown, versions), len(chosen))
        return self._linked(said, asked, found, "/pulls", page, len(indexes))

    def pull(self, asked: Asked, found: Repository, numbers: Sequence[int]) -> Said:
        """GET /repos/{owner}/{repo}/pulls/{number}."""
        index = found.index_of(numbers[0])
        if index is None:
            return problem(404, "Not Found", "rest/pulls/pulls#get-a-pull-request")
        pull, write = found.pull(index), self.payloads(asked)
        body = write.pull(found, pull, extra=_single(found, pull, write))
        return self._tagged(asked, body, (found.shown, pull.updated_at, pull.revision), 3)

    def remarks(self, asked: Asked, found: Repository, _numbers: Sequence[int]) -> Said:
        """GET /repos/{owner}/{repo}/pulls/comments, the review comments of all pull requests."""
        try:
            since = moments.seconds(asked.params["since"]) if "since" in asked.params else 0
        except ValueError:
            return _unprocessable("PullRequestReviewComment", "since", asked.params["since"])
        newest = asked.params.get("direction", "asc") == "desc" and "sort" in asked.params
        places = orders.remarks_since(found, int(since), newest_first=newest)
        page, write = page_of(asked), self.payloads(asked)
        rows = []
        for index, number in map(orders.remark_at, places[page.rows]):
            pull = found.pull(index)
            rows.append(write.remark(found, pull, talk.remark(found, pull, number)))
        said = self._tagged(asked, f"[{','.join(rows)}]", (found.id, rows), len(rows))
        return self._linked(said, asked, found, "/pulls/comments", page, len(places))

    def remarks_of(self, asked: Asked, found: Repository, numbers: Sequence[int]) -> Said:
        """GET /repos/{owner}/{repo}/pulls/{number}/comments."""
        index = found.index_of(numbers[0])
        if index is None:
            return problem(404, "Not Found")
        pull, write, page = found.pull(index), self.payloads(asked), page_of(asked)
        remarks = talk.remarks(found, pull)
        rows = [write.remark(found, pull, remark) for remark in remarks[page.rows]]
        said = self._tagged(asked, f"[{','.join(rows)}]", (found.id, rows), len(rows))
        return self._linked(
            said, asked, found, f"/pulls/{pull.number}/comments", page, len(remarks)
        )

    def _tagged(self, asked: Asked, body: str, version: object, rows: int) -> Said:
        """Answer with `body` of this `version`, or with 304 where the client has it."""
        key = f"{asked.path} {sorted(asked.params.items())} {version}"
        tag = hashlib.sha256(key.encode()).hexdigest()
        headers = {"content-type": JSON, "etag": f'W/"{tag}"', "vary": "Accept, Authorization"}
        headers["cache-control"] = "private, max-age=60, s-maxage=60"
        theirs = asked.headers.get("if-none-match", "")
        if tag in theirs:
            return Said(304, b"", headers, 0, points=0)
        return Said(200, body.encode(), headers, rows)

    def _linked(
        self, said: Said, asked: Asked, found: Repository, rest: str, page: Page, total: int
    ) -> Said:
        url = f"{asked.base}/repositories/{found.id}{rest}"
        if links := link_header(url, asked, page, total):
            said.headers["link"] = links
        return said


def _narrowed(
    found: Repository, indexes: Sequence[int], params: Mapping[str, str]
) -> Sequence[int]:
    """Keep what fits `base` (a branch) and `head` (owner:branch)."""
    if params.get("base", found.spec.default_branch) != found.spec.default_branch:
        return []
    owner, _, branch = params.get("head", "").partition(":")
    if not branch:
        return indexes
    pulls = (found.pull(index) for index in indexes)
    return [
        pull.index
        for pull in pulls
        if pull.story.branch == branch and (pull.fork_owner or found.owner) == owner
    ]


def _single(found: Repository, pull: Pull, write: Payloads) -> str:
    changed = found.changed(pull)
    merger = write.user(pull.merged_by) if pull.merged_by else "null"
    told = {
        "merged": pull.is_merged,
        "mergeable": True if pull.is_open else None,
        "rebaseable": True if pull.is_open else None,
        "mergeable_state": "clean" if pull.is_open else "unknown",
        "comments": pull.comments,
        "review_comments": pull.remarks,
        "maintainer_can_modify": False,
        "commits": len(changed.commits),
        "additions": changed.additions,
        "deletions": changed.deletions,
        "changed_files": len(changed.files),
    }
    return f',"merged_by":{merger},{text(told)[1:-1]}'


def _gone(found: Repository | None) -> Said:
    if found is not None and found.gone == "dmca":
        block = {"reason": "dmca", "created_at": "2026-01-01T00:00:00Z", "html_url": None}
        return problem(451, "Repository access blocked", block=block)
    return problem(404, "Not Found", "rest/repos/repos#get-a-repository")


def _unprocessable(resource: str, name: str, value: str) -> Said:
    error = {"value": value, "resource": resource, "field": name, "code": "invalid"}
    return problem(422, "Validation Failed", errors=[error])


_NAMED = re.compile(r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)(?P<rest>(?:/.*)?)")
_NUMBERED = re.compile(r"/repositories/(?P<id>\d+)(?P<rest>(?:/.*)?)")
_ROUTES: Sequence[
    tuple[re.Pattern[str], Callable[[Rest, Asked, Repository, Sequence[int]], Said]]
] = (
    (re.compile(r""), Rest.repository),
    (re.compile(r"/pulls"), Rest.pulls),
    (re.compile(r"/pulls/comments"), Rest.remarks),
    (re.compile(r"/pulls/(\d+)"), Rest.pull),
    (re.compile(r"/pulls/(\d+)/comments"), Rest.remarks_of),
)

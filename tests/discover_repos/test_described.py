"""A repository is one record, whichever way GitHub was asked for it."""

from codekiln.discover_repos.described import from_graphql, from_rest


def test_rest_and_graphql_make_one_record_though_they_spell_its_id_in_two_ways() -> None:
    rest = {
        "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5MQ==", "full_name": "acme/router", "size": 9,
        "default_branch": "main", "license": {"spdx_id": "MIT"}, "stargazers_count": 7,
        "pushed_at": "2026-01-02T03:04:05Z", "archived": False, "fork": False, "language": "Go",
        "description": None,
    }  # fmt: skip
    graphql = {
        "id": "R_kgDOAMXLgw", "nameWithOwner": "acme/router", "diskUsage": 9,
        "defaultBranchRef": {"name": "main"}, "licenseInfo": {"spdxId": "MIT"},
        "stargazerCount": 7, "pushedAt": "2026-01-02T03:04:05Z", "isArchived": False,
        "isFork": False, "primaryLanguage": {"name": "Go"}, "description": None,
    }  # fmt: skip
    assert from_rest(rest) == from_graphql(graphql)

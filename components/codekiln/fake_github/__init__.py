"""A GitHub that misbehaves on purpose: its REST, GraphQL and git, its limits and its faults.

Part of the product's test kit, and of its demos (`codekiln fake-github`). Everything that it serves
is made up from a seed: row k of repository r is a function of (seed, r, k), so that 3,000
repositories with 500 pull requests each need no memory.

    world = World(seed=7, specs=[RepositorySpec("acme/router", pulls=120)])
    hub = FakeGitHub(world, Faults.parse("502@3 429@every50:graphql"))

    async def work() -> None:
        async with httpx2.AsyncClient(transport=hub.transport()) as client:
            await client.get("https://api.github.com/repos/acme/router/pulls")

    clock.run(work())  # in virtual time; `async with hub.serve() as url` listens on a socket
    assert not hub.violations
"""

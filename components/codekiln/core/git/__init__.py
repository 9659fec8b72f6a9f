"""Running git safely: nothing in a repository or in the user's settings changes what comes out."""

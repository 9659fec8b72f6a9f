"""Go source: its declarations, its tokens, its kinds of files, and whether a parser takes it."""

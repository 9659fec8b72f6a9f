"""`python -m codekiln.peek PATH ...`, which people call `codekiln peek`."""

from codekiln.peek.command import main

if __name__ == "__main__":
    main()

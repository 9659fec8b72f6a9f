"""`python -m codekiln.core.datasets ACTION ...`, which people call `codekiln data`."""

from codekiln.core.datasets.command import main

if __name__ == "__main__":
    main()

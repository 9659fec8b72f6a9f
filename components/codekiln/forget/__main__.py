"""`python -m codekiln.forget OWNER/NAME ...`, which people call `codekiln forget`."""

from codekiln.forget.command import main

if __name__ == "__main__":
    main()

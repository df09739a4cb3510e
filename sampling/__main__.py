"""`python -m sampling verify BUNDLE.zip`, and the calculators of `sampling.commands`."""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Dispatch; verification needs the standard library alone."""
    if arguments and arguments[0] == "verify":
        from sampling import verify

        return verify.main(arguments[1:])
    from sampling import commands

    return commands.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

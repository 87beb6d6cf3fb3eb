"""The command `tesela`."""

import signal
from collections.abc import Sequence


def command() -> int:
    """Run the command line of this process, which ends after it.

    Ctrl-C stops the command from its first moment, while it is still being loaded, to its last: once the answer
    stands, nothing is left to stop.
    """
    try:
        return main()
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code.

    Args:
        arguments: The command line without the program's name; `sys.argv` by default.

    Returns:
        0 when all went well, 2 when the input must change, 1 when something else failed, 130 after Ctrl-C.
    """
    # what draws the answers takes a tenth of a second to load
    from tesela.interfaces.cli import app

    return app.main(arguments)


__all__ = ["command", "main"]

"""How long a person waits before anything happens.

    python benchmarks/bench_startup.py

Targets: `import tesela` under 0.3 s, `tesela --help` under 0.5 s. An empty interpreter is measured beside them.
"""

from __future__ import annotations

import sys

from measured import TESELA, machine, median, run

ROUNDS = 11
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import tesela": [sys.executable, "-c", "import tesela"],
    "tesela --help": [*TESELA, "--help"],
    "tesela import --help": [*TESELA, "import", "--help"],
    "tesela --version": [*TESELA, "--version"],
}


def main() -> None:
    walls: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            walls[name].append(run(command).wall_s)
    print(f"{machine()}; {ROUNDS} rounds side by side\n")
    print("| command | median s | slowest s |")
    print("|---|---|---|")
    for name, values in walls.items():
        print(f"| {name} | {median(values):.3f} | {max(values):.3f} |")


if __name__ == "__main__":
    main()

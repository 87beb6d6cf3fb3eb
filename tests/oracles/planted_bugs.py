"""Plant bugs in the compiler, one at a time, and see that the tests find each.

    python tests/oracles/planted_bugs.py            all of them
    python tests/oracles/planted_bugs.py ties       those whose name has a word in it

Each bug is a change of the source in a copy of the package. The cases of what rules mean are asked first, then the
differential run. Prints a line a bug: which test found it; exits with 1 when none did.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
CASES = tuple(f"tests/rooms/language/test_{name}.py" for name in ("columnar", "meaning", "examples"))
RULES = int(os.environ.get("RULES", "4000"))


class Bug(NamedTuple):
    """A change of the source: file under src/tesela, what stands there, what is put there."""

    name: str
    file: str
    there: str
    instead: str


BUGS = [
    Bug("window: its end included", "language/rendering/context.py", "yield exp.LT(this=occurred.copy()", "yield exp.LTE(this=occurred.copy()"),
    Bug("window: its start left out", "language/rendering/context.py", "yield exp.GTE(this=occurred", "yield exp.GT(this=occurred"),
    Bug("a missing answer counts as true under not", "language/lowering/values.py", 'return call("not", is_true(condition))', 'return call("not", condition)'),
    Bug("!= is the complement of =", "language/lowering/comparisons.py", "        return compare(node.operator, left, right)\n", '        if node.operator == "!=":\n            from tesela.language.lowering.values import complement as turned\n            return turned(compare("=", left, right))\n        return compare(node.operator, left, right)\n'),
    Bug("ties at the edge of the top are split", "language/rendering/people.py", "exp.Sub(this=upto, expression=counted.copy())", "exp.Sub(this=upto, expression=number(1))"),
    Bug("a median of two is the smaller", "language/rendering/shapes.py", "low=size, high=exp.Add(this=size.copy(), expression=number(2))", "low=size, high=exp.Add(this=size.copy(), expression=number(1))"),
    Bug("the hour that clocks repeat is the second", "../tesela/base/moments.py", "moment.replace(tzinfo=zone, fold=0)", "moment.replace(tzinfo=zone, fold=1)"),
    Bug("a month is thirty days", "../tesela/base/moments.py", "        local = to_local(moment, zone)\n        day = add_months", "        return moment + count * _MONTHS[unit] * timedelta(days=30)\n        local = to_local(moment, zone)\n        day = add_months"),
    Bug("weeks start on Sunday", "language/resolve.py", "today - timedelta(days=today.weekday())", "today - timedelta(days=(today.weekday() + 1) % 7)"),
    Bug("a machine's open counts", "language/lowering/events.py", 'if events.name == "email_opened":', 'if events.name == "never":'),
    Bug("a cancelled order counts", "language/rendering/context.py", 'if event == "order_completed":', 'if event == "never":'),
    Bug("blank texts are values", "language/lowering/base.py", 'return Value("text", call("present", value.expression))', "return value"),
    Bug("accents matter", "language/folding.py", "return bare(text).casefold()", "return text.casefold()"),
    Bug("29 February has no birthday in common years", "language/lowering/profiles.py", "return 229 if key == 228 and not isleap(day.year) else key", "return key"),
    Bug("age counts the year, not the birthday", "language/lowering/profiles.py", 'full = call("if", had_birthday, years, call("-", years, Constant(1)))', "full = years"),
    Bug("a sequence may stand still", "language/rendering/sequences.py", "later = exp.GT(this=exp.column(_MOMENT, table=EVENT)", "later = exp.GTE(this=exp.column(_MOMENT, table=EVENT)"),
    Bug("a sequence that began at the window's start is outside", "language/rendering/sequences.py", "met = exp.GTE(this=begun, expression=at)", "met = exp.GT(this=begun, expression=at)"),
    Bug("the last event of a step is always the best", "language/rendering/sequences.py", "        if not (shared | forbidden) <= set(step.same):\n            return False\n", ""),
    Bug("the newest event at the window's start is outside", "language/rendering/newest.py", 'Call(">=", (newest, Constant(start)))', 'Call(">", (newest, Constant(start)))'),
    Bug("a different value at the window's start is outside", "language/rendering/events.py", 'since = [exp.GTE(this=exp.column("newest")', 'since = [exp.GT(this=exp.column("newest")'),
    Bug("a step may come one moment too late", "language/rendering/sequences.py", 'limit = exp.Add(this=exp.column("previous"), expression=number(within))', 'limit = exp.Add(this=exp.column("previous"), expression=number(within + 1))'),
    Bug("what must not happen may, once the time is not over", "language/rendering/sequences.py", "return exp.and_(over, exp.paren(", "return exp.and_(exp.true(), exp.paren("),
    Bug("share counts over its own part", "language/lowering/events.py", "whole = Events(events.name, events.value, None, events.window", "whole = Events(events.name, events.value, events.where, events.window"),
    Bug("averages are of whole numbers", "language/lowering/values.py", "    return call(\n        operator,\n        _times(left.expression, right.divisor", "    if left.divisor is not None and right.divisor is None:\n        left = Value(left.kind, call(\"div\", left.expression, left.divisor), None, left.scale)\n    return call(\n        operator,\n        _times(left.expression, right.divisor"),
    Bug("an attribute is as today", "language/rendering/history.py", 'before = exp.LT(this=exp.column("valid_from"), expression=context.as_of())\n    return exp.select(PROFILE_ID).from_(exp.to_table(ATTRIBUTE', 'before = exp.true()\n    return exp.select(PROFILE_ID).from_(exp.to_table(ATTRIBUTE'),
    Bug("the first value of a field is a change", "language/rendering/history.py", 'later = exp.GT(this=exp.column("place"), expression=number(1))', 'later = exp.GT(this=exp.column("place"), expression=number(0))'),
    Bug("of two consents at one time the yes", "language/rendering/history.py", 'for part in ("status", "source")]', 'for part in ("source",)]'),
    Bug("a rank counts the equals", "language/lowering/people.py", 'larger = Value("number", self._board.column(Standing("larger", value, member, per)))\n        return calculate("+"', 'larger = Value("number", self._board.column(Standing("smaller", value, member, per)))\n        return calculate("+"'),
    Bug("in memory: an event at the window's start is outside", "language/columnar/aggregates.py", "found.append(moment >= microseconds(bounds.start))", "found.append(moment > microseconds(bounds.start))"),
    Bug("in memory: a different value at the window's start is outside", "language/columnar/aggregates.py", 'read.column("moment").to_numpy(), side="right")', 'read.column("moment").to_numpy(), side="left")'),
    Bug("in memory: a condition on a missing text holds", "language/columnar/aggregates.py", "return self._codes == code if code >= 0", "return self._codes == code if code != -2"),
    Bug("in memory: no value is the smallest there is", "language/columnar/aggregates.py", "return Found(found, kind, found != none)", "return Found(found, kind)"),
    Bug("in memory: a sequence may stand still", "language/columnar/sequences.py", 'search.asked, side="left") - 1)', 'search.asked, side="right") - 1)'),
    Bug("in memory: a sequence that began at the window's start is outside", "language/columnar/sequences.py", 'Found(begun[:-1] >= since, "truth")', 'Found(begun[:-1] > since, "truth")'),
    Bug("in memory: a step may not come as late as is said", "language/columnar/sequences.py", "in_time &= events.moment <= reached.moment[at] + within", "in_time &= events.moment < reached.moment[at] + within"),
    Bug("in memory: what must not happen may, once the time is not over", "language/columnar/sequences.py", "over.append((limit <= self._as_of) & (upcoming > limit))", "over.append(upcoming > limit)"),
    Bug("in memory: a field is as it was told first", "language/columnar/attributes.py", "told[place[at]] = at", "told[place[at[::-1]]] = at[::-1]"),
    Bug("in memory: fields come in the order of time", "language/columnar/profiles.py", "    if not is_back.any():\n        return order\n", "    return order\n"),
    Bug("in memory: a profile's rows lie together", "language/columnar/profiles.py", "self._is_once = bool((self.places[1:] > self.places[:-1]).all())", "self._is_once = True"),
    Bug("in memory: what nobody computes is the last one's", "language/columnar/profiles.py", "else np.where(known, places, len(self))", "else np.where(known, places, len(self) - 1)"),
    Bug("anonymous visitors are part of the population", "language/lowering/base.py", "Known() if not rule.everyone else Constant(True)", "Constant(True)"),
]  # fmt: skip


def main() -> int:
    """Plant each bug, run, and tell."""
    chosen = [bug for bug in BUGS if all(word in bug.name for word in sys.argv[1:])]
    missed = 0
    for bug in chosen:
        found = _found(bug)
        missed += found is None
        print(f"{bug.name} | {'NOT FOUND' if found is None else found}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} found")
    return 1 if missed else 0


def _found(bug: Bug) -> str | None:
    """Return which test found a planted bug; None when none did."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        package = Path(folder) / "tesela"
        shutil.copytree(ROOT / "src" / "tesela", package, ignore=shutil.ignore_patterns("__pycache__"))
        target = package / bug.file.removeprefix("../tesela/")
        source = target.read_text("utf-8")
        if source.count(bug.there) < 1:
            raise SystemExit(f"{bug.name}: {bug.file} has no {bug.there!r}")
        target.write_text(source.replace(bug.there, bug.instead, 1), "utf-8")
        env = {**os.environ, "PYTHONPATH": folder}
        if failed := _failing_case(env):
            return f"`{failed}`"
        run = [sys.executable, str(ROOT / "tests" / "oracles" / "differential.py"), "--first"]
        run += ["--rules", str(RULES), "--a-plan", "10"]
        done = subprocess.run(run, env=env, capture_output=True, text=True, check=False)
    closing = re.search(r"(\d+) rules x histories.*, ([1-9]\d*) differences", done.stdout)
    if closing:
        rule = done.stdout.split("\n")[1].strip()
        return f"after {closing[1]} rules, by `{rule[:100]}`"
    return None if done.returncode == 0 else f"fails: {done.stderr.strip().splitlines()[-1][:100]}"


def _failing_case(env: dict[str, str]) -> str | None:
    """Return the first of the written cases that fails."""
    run = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "duckdb or columnar", *CASES]
    done = subprocess.run(run, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    failed = re.search(r"^(?:FAILED|ERROR) \S*::(\S+)", done.stdout, re.MULTILINE)
    return failed[1] if failed else None


if __name__ == "__main__":
    sys.exit(main())

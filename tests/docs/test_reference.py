"""The pages written from the code say what the code says today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from house import checks


def test_reference_is_current(repository: Path) -> None:
    compared = subprocess.run(
        [sys.executable, repository / "tools" / "reference.py", "--check"], capture_output=True, text=True, check=False
    )
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_every_error_has_a_row(repository: Path) -> None:
    page = (repository / "docs" / "reference" / "errors.md").read_text("utf-8")
    package = repository / "src" / "tesela"
    raised = {use.key for use in checks.text_uses(package) if use.error}
    # whatever the language has a text for, except hints, it says of a rule that is wrong
    raised |= {key for key in checks.texts(package) if key.startswith("language.") and not key.endswith(".hint")}
    assert len(raised) > 200
    assert not {code for code in raised if f"| `{code}` |" not in page}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/house.md", "docs/glossary.md"])
def test_links_lead_somewhere(repository: Path, page: str) -> None:
    path = repository / page
    targets = re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8"))
    missing = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert not missing


def test_decisions_say_why_and_when_to_revisit(repository: Path) -> None:
    pages = sorted((repository / "docs" / "decisions").glob("*.md"))
    assert len(pages) >= 4
    for page in pages:
        headings = re.findall(r"^## (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
        assert headings == ["Context", "Choice", "Price", "When to revisit"], page.name
        assert re.match(r"\d{4}-[a-z0-9-]+\.md$", page.name)

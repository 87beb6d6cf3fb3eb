"""What self-contained pages share: styles, the chart library and its script inside, everything else kept out."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tesela.measurement.report.wording import Wording


def draw_page(
    template: str,
    drawings: Sequence[Mapping[str, Any]],
    wording: Wording,
    *,
    style: str = "",
    partials: Mapping[str, str] | None = None,
    **shown: object,
) -> str:
    """Return a page that needs no network; a content security policy with the hashes of its scripts keeps it so.

    Args:
        template: In Liquid; it places `policy`, `style`, `library`, `script` and `drawings`, and may render `chart`.
        drawings: What `report.js` draws.
        wording: In which language.
        style: Further styles, after those of the report.
        partials: Further templates that it renders, by name.
        shown: What else the template shows; all of it is escaped.
    """
    from liquid import DictLoader, Environment, Markup

    library, script = read_asset("vendor/echarts.min.js"), read_asset("report.js")
    environment = Environment(
        autoescape=True, loader=DictLoader({"chart": read_asset("chart.liquid"), **(partials or {})})
    )
    page: str = environment.from_string(template).render(
        language=wording.language,
        policy=_policy(library, script),
        style=Markup(read_asset("report.css") + style),
        library=Markup(library),
        script=Markup(script),
        drawings=Markup(_as_json({"locale": wording.locale, "currency": wording.currency, "charts": drawings})),
        **shown,
    )
    return page


@cache
def read_asset(name: str, package: str = "tesela.measurement.report") -> str:
    """Return the text of a file of a report, its lines ended in one way: the same hashes on every machine."""
    return resources.files(package).joinpath(name).read_text("utf-8").replace("\r\n", "\n")


def _policy(*scripts: str) -> str:
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src {hashes}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _as_json(told: object) -> str:
    """Return JSON that cannot end the element it stands in."""
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")

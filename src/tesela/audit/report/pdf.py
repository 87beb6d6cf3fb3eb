"""Set an audit's page as a PDF: the optional library `weasyprint` does it, with tables where the page has charts."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

from tesela.base import RefusedError, UnavailableError

_PACKAGE = "tesela.audit.report"


def render_pdf(page: str) -> bytes:
    """Return a page of `render_audit` as a PDF; nothing is fetched from anywhere.

    Args:
        page: The page.

    Raises:
        UnavailableError: when the library, or what it needs of the system, is missing.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as cause:
        raise UnavailableError("audit.report.no_pdf", reason=str(cause).splitlines()[0]) from cause
    style = resources.files(_PACKAGE).joinpath("pdf.css").read_text("utf-8")
    # paper runs no scripts; the charts' tables are in the page
    still = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    document = weasyprint.HTML(string=still, url_fetcher=_refuse)
    written: bytes = document.write_pdf(stylesheets=[weasyprint.CSS(string=style)])
    return written


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise RefusedError("audit.report.nothing_from_outside", url=url)

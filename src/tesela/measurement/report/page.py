"""Draw the report as one self-contained HTML page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tesela.base import Language
    from tesela.measurement.report.build import Report


def render_html(report: Report, language: Language) -> str:
    """Return the report as one HTML page that needs no network."""
    return f'<!doctype html><html lang="{language}"><title>{escape(report.shop_name)}</title></html>'

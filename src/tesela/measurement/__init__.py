"""Metrics, KPIs per segment, and the report that shows them."""

from tesela.measurement import report
from tesela.measurement.kpis import SegmentKPIs, measure_segments, read_kpis, read_trend
from tesela.measurement.measuring import measure_kpis, needed_people
from tesela.measurement.metrics import CATALOGUE, METRICS, Metric, find_metric
from tesela.measurement.months import list_months
from tesela.measurement.report.build import Report, build_report
from tesela.measurement.report.page import render_html
from tesela.measurement.retention import Cohort, find_retention
from tesela.measurement.scorecard import Against, Comparison, Measurement, Period, Scorecard
from tesela.measurement.tables import ALL_TABLES, MEASUREMENTS
from tesela.measurement.targets import Status, Target, load_targets

__all__ = [
    "ALL_TABLES",
    "CATALOGUE",
    "MEASUREMENTS",
    "METRICS",
    "Against",
    "Cohort",
    "Comparison",
    "Measurement",
    "Metric",
    "Period",
    "Report",
    "Scorecard",
    "SegmentKPIs",
    "Status",
    "Target",
    "build_report",
    "find_metric",
    "find_retention",
    "list_months",
    "load_targets",
    "measure_kpis",
    "measure_segments",
    "needed_people",
    "read_kpis",
    "read_trend",
    "render_html",
    "report",
]

"""The forms in which a report is stored: one module each, one line here."""

from hearback.adapters.reports.csv_report import CsvReport
from hearback.adapters.reports.html_report import HtmlReport
from hearback.adapters.reports.json_report import JsonReport
from hearback.ports import ReportWriter

WRITERS: tuple[ReportWriter, ...] = (JsonReport(), CsvReport(), HtmlReport())

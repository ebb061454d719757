"""Reports of activity and funding as CSV, as an Excel workbook and as a page to print."""

from services.cases.formats.report.page import html_of, policy
from services.cases.formats.report.table import csv_of
from services.cases.formats.report.workbook import workbook_of

__all__ = ["csv_of", "html_of", "policy", "workbook_of"]

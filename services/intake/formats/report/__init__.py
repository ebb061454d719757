"""The report of the line: as CSV and as a page to print."""

from services.intake.formats.report.page import POLICY, page
from services.intake.formats.report.sheet import as_csv
from services.intake.formats.report.words import Language

__all__ = ["POLICY", "Language", "as_csv", "page"]

"""The directory: organisations, their services, the municipalities they cover, and the programmes of the region."""

from services.referrals.api.directory import communes, coverage, exchange, organisations, programmes, services

__all__ = ["communes", "coverage", "exchange", "organisations", "programmes", "services"]

"""Prometheus metrics of one service: rates, errors, durations, and the gauges an operator watches."""

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shared.consumer import Consumer
from shared.inbox import Outcome
from shared.relay import oldest_unpublished_age
from shared.store import Database

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)

_UNREVIEWED = "SELECT count(*) FROM break_glass WHERE reviewed_at IS NULL"
_PARKED = "SELECT reason, count(*) AS letters FROM dead_letter WHERE state = 'parked' GROUP BY reason"


class Metrics:
    """The instruments of one service, in a registry of its own."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self.service = service
        labels = ["service", "method", "route", "status"]
        self._requests = Counter("relais_requests", "Requests answered", labels, registry=self.registry)
        self._seconds = Histogram(
            "relais_request_seconds", "Time to answer", labels[:3], buckets=_BUCKETS, registry=self.registry
        )
        self._age = self._gauge("relais_outbox_oldest_seconds", "Age of the oldest fact not yet on the bus")
        self._letters = Gauge("relais_dead_letters", "Parked messages", ["service", "reason"], registry=self.registry)
        self._delivered = Gauge(
            "relais_deliveries", "Messages delivered since start", ["service", "outcome"], registry=self.registry
        )
        self._stopped = self._gauge("relais_consumer_stopped", "1 when too much poison stopped the consumer")

        self._unreviewed = self._gauge("relais_break_glass_unreviewed", "Emergency accesses that nobody has judged yet")

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, ["service"], registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(self.service, method, route, str(status)).inc()
        self._seconds.labels(self.service, method, route).observe(seconds)

    async def render(self, database: Database, consumer: Consumer | None) -> bytes:
        """The exposition text, with the gauges read now."""
        self._age.labels(self.service).set(await oldest_unpublished_age(database))
        async with database.raw() as connection:
            rows: list[Any] = await connection.fetch(_PARKED)
            self._unreviewed.labels(self.service).set(await connection.fetchval(_UNREVIEWED))
        self._letters.clear()
        for row in rows:
            self._letters.labels(self.service, row["reason"]).set(row["letters"])
        if consumer:
            for outcome in Outcome:
                self._delivered.labels(self.service, outcome).set(consumer.counts[outcome])
            self._stopped.labels(self.service).set(consumer.stopped)
        return generate_latest(self.registry)

"""The audit: one record per request, written with what it did, chained so that no change of it goes unseen."""

"""Between the domain and what people read: pages, charts, documents. Pure translations."""

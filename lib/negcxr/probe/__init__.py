"""Inside a text encoder: attribution, geometry, heads, tracing, linear probes."""

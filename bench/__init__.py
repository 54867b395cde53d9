"""The work of docs/performance.md, measured beside a floor without an engine, in one run on one machine."""

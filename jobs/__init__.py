"""The clock as a door: APScheduler ticks, rows decide what is due."""

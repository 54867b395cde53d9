"""The machine that runs any map: door, work list, timers; SpiffWorkflow stays behind it."""

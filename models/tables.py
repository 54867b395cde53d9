"""Imports every module that has tables, so that the metadata is whole wherever it is needed."""

from models import audit, queue

__all__ = ["audit", "queue"]

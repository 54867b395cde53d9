"""The policy: one file, one mechanism, with its article, papers, steps and duties."""

import importlib
import pkgutil

_found: list[str] = []


def discover() -> list[str]:
    """Import every mechanism once, so that its steps, permits, duties and menu entries are declared; returns their words."""
    if not _found:
        for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
            importlib.import_module(f"{__name__}.{module}")
            _found.append(module)
    return list(_found)

"""What gunicorn serves of the product here: the same application as `serve`, without the ticker that would work meanwhile."""

import gc
from typing import Any


def make() -> Any:
    """The application, as jobs/server.py prepares it in its worker."""
    from app import create_app

    application = create_app()
    gc.freeze()
    return application

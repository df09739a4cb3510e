"""gunicorn -c gunicorn.conf.py wsgi:app — the settings live in the package, so that an installed copy has them too."""

from inspection.gunicorn_settings import *  # noqa: F403

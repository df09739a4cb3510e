"""The WSGI entry point: `gunicorn -c gunicorn.conf.py wsgi:app`."""

from inspection.app import create_app
from inspection.settings import Settings

app = create_app(Settings.from_env())

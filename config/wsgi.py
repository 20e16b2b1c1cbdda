"""What a WSGI server serves: `granian --interface wsgi config.wsgi:application`."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse

from config import startup
from kit.requests import readable_content_type

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Handler(WSGIHandler):
    """Django's handler, handing a whole answer over as a list: granian sends that at once, all else in chunks."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer one request (PEP 3333)."""
        environ["CONTENT_TYPE"] = readable_content_type(environ.get("CONTENT_TYPE", ""))
        response = super().__call__(environ, start_response)
        if not isinstance(response, HttpResponse):
            return response
        body = [response.content]
        response.close()  # what the server would do; ends the request for Django
        return body


django.setup(set_prefix=False)
startup.require_database()
startup.require_sound_settings()
startup.require_whole_database()
application = Handler()

"""The WSGI application of `plainspoken up`."""

from django.core.handlers.wsgi import WSGIHandler

from plainspoken.config.boot import boot

boot()
application = WSGIHandler()

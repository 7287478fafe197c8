"""Health for machines, and errors in plain words."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from plainspoken.config.health import ready


def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive."""
    return JsonResponse({"status": "alive"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Requests can be served; 503 with the reason where not."""
    fine, text = ready()
    return JsonResponse(
        {"status": "ready" if fine else "not ready", "text": text}, status=200 if fine else 503
    )


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    reason = str(exception or "")
    if _wants_json(request):
        return JsonResponse({"error": reason or "Your role may not do this."}, status=403)
    return render(request, "403.html", {"reason": reason}, status=403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"error": "There is nothing at this address."}, status=404)
    return render(request, "404.html", {}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"error": "Something broke here. It is in our log; try again later."}, status=500)
    return render(request, "500.html", {}, status=500)

"""Addresses of conversations."""

from django.urls import path

from . import views

app_name = "conversations"
urlpatterns = [
    path("conversations/", views.conversations, name="list"),
    path("conversations/measures/", views.measures, name="measures"),
    path("conversations/<uuid:conversation>/", views.conversation, name="show"),
    path("conversations/<uuid:conversation>/sound", views.sound, name="sound"),
    path("conversations/<uuid:conversation>/peaks", views.peaks, name="peaks"),
    path("conversations/<uuid:conversation>/reveal", views.reveal, name="reveal"),
]

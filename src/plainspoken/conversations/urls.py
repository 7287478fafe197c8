"""Addresses of conversations."""

from django.urls import path

from . import views

app_name = "conversations"
urlpatterns = [
    path("conversations/", views.conversations, name="list"),
    path("conversations/measures/", views.measures, name="measures"),
    path("conversations/clips/", views.clips, name="clips"),
    path("conversations/clips/<uuid:clip>/sound", views.clip_sound, name="clip_sound"),
    path("conversations/clips/<uuid:clip>/remove", views.unclip, name="unclip"),
    path("conversations/export", views.export, name="export"),
    path("conversations/searches", views.keep_search, name="keep_search"),
    path("conversations/searches/<uuid:search>", views.run_search, name="run_search"),
    path("conversations/pausing/", views.pausing, name="pausing"),
    path("conversations/slipped/", views.slipped, name="slipped"),
    path("conversations/shared/<uuid:share>/", views.shared, name="shared"),
    path("conversations/shared/<uuid:share>/sound", views.shared_sound, name="shared_sound"),
    path("conversations/<uuid:conversation>/", views.conversation, name="show"),
    path("conversations/<uuid:conversation>/sound", views.sound, name="sound"),
    path("conversations/<uuid:conversation>/peaks", views.peaks, name="peaks"),
    path("conversations/<uuid:conversation>/reveal", views.reveal, name="reveal"),
    path("conversations/<uuid:conversation>/notes", views.note, name="note"),
    path("conversations/<uuid:conversation>/notes/<uuid:note>/remove", views.unnote, name="unnote"),
    path("conversations/<uuid:conversation>/clips", views.clip, name="clip"),
    path("conversations/<uuid:conversation>/links", views.share, name="share"),
    path("conversations/<uuid:conversation>/links/<uuid:share>/end", views.unshare, name="unshare"),
    path("conversations/<uuid:conversation>/file", views.hand_out, name="hand_out"),
    path("conversations/<uuid:conversation>/turns/<int:ordinal>/", views.turn, name="turn"),
    path("conversations/<uuid:conversation>/turns/<int:ordinal>/<slug:act>", views.turn_act, name="turn_act"),
]

"""Addresses of coaching."""

from django.urls import path

from . import views

app_name = "coaching"
urlpatterns = [
    path("coaching/", views.mine, name="mine"),
    path("coaching/listened/", views.who_listened, name="listened"),
    path("coaching/listened/export", views.exported, name="export"),
    path("coaching/team/", views.team, name="team"),
    path("coaching/agents/<uuid:member>/", views.agent, name="agent"),
    path("coaching/agents/<uuid:member>/goals/new", views.propose_for, name="propose_for"),
    path("coaching/agents/<uuid:member>/sessions/new", views.plan_session, name="plan_session"),
    path("coaching/agents/<uuid:member>/thanks", views.thank, name="thank"),
    path("coaching/goals/new", views.propose, name="propose"),
    path("coaching/goals/<uuid:goal>/", views.goal, name="goal"),
    path("coaching/goals/<uuid:goal>/<slug:name>", views.goal_act, name="goal_act"),
    path("coaching/sessions/<uuid:session>/", views.session, name="session"),
    path("coaching/sessions/<uuid:session>/<slug:name>", views.session_act, name="session_act"),
    path("coaching/library/", views.library_page, name="library"),
    path("coaching/library/put", views.offer, name="offer"),
    path("coaching/library/<uuid:clip>/sound", views.clip_sound, name="clip_sound"),
    path("coaching/library/<uuid:clip>/<slug:name>", views.clip_act, name="clip_act"),
    path("coaching/thanks/<uuid:thanks>/remove", views.unthank, name="unthank"),
]

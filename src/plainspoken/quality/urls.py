"""Addresses of quality."""

from django.urls import path

from . import views

app_name = "quality"
urlpatterns = [
    path("quality/", views.evaluations, name="evaluations"),
    path("quality/export", views.exported, name="export"),
    path("quality/work/", views.work, name="work"),
    path("quality/waiting/", views.waiting, name="waiting"),
    path("quality/begin/<uuid:conversation>/", views.begin, name="begin"),
    path("quality/evaluations/<uuid:evaluation>/", views.evaluation, name="evaluation"),
    path("quality/evaluations/<uuid:evaluation>/save", views.save, name="save"),
    path("quality/evaluations/<uuid:evaluation>/remark", views.remark, name="remark"),
    path(
        "quality/evaluations/<uuid:evaluation>/remarks/<uuid:comment>/remove", views.unremark, name="unremark"
    ),
    path("quality/evaluations/<uuid:evaluation>/<slug:name>", views.act, name="act"),
    path("quality/forms/", views.forms, name="forms"),
    path("quality/forms/new", views.begin_form, name="begin_form"),
    path("quality/forms/<uuid:form>/", views.builder, name="builder"),
    path("quality/forms/<uuid:form>/edit", views.edit, name="edit"),
    path("quality/forms/<uuid:form>/publish", views.publish, name="publish"),
    path("quality/forms/<uuid:form>/retire", views.retire, name="retire"),
    path("quality/forms/<uuid:form>/versions/<int:number>/", views.form_version, name="form_version"),
    path("quality/plans/", views.plans, name="plans"),
    path("quality/plans/new", views.new_plan, name="new_plan"),
    path("quality/plans/preview", views.preview, name="preview"),
    path("quality/plans/<uuid:plan>/run", views.run_plan, name="run_plan"),
    path("quality/plans/<uuid:plan>/end", views.end_plan, name="end_plan"),
    path("quality/automatic/", views.automatic_register, name="automatic"),
    path("quality/automatic/publish", views.publish_rules, name="publish_rules"),
    path("quality/automatic/retire", views.retire_rules, name="retire_rules"),
    path("quality/automatic/agreement/", views.automatic_agreement, name="automatic_agreement"),
    path("quality/automatic/<uuid:evaluation>/", views.automatic_why, name="automatic_why"),
    path("quality/calibration/", views.calibrations, name="calibration"),
    path("quality/calibration/new/<uuid:conversation>/", views.new_calibration, name="new_calibration"),
    path("quality/calibration/<uuid:session>/", views.calibration, name="session"),
    path("quality/calibration/<uuid:session>/answer", views.sheet, name="sheet"),
    path("quality/calibration/<uuid:session>/close", views.close_session, name="close_session"),
]

"""The front door, one's own page, and the desks of the three administrators."""

from django.urls import path

from zoufang.accounts.views import officers, own, records, signing, units

app_name = "accounts"
urlpatterns = [
    path("sign-in/", signing.sign_in, name="sign_in"),
    path("sign-out/", signing.sign_out, name="sign_out"),
    path("language/", signing.language, name="language"),
    path("me/", own.profile, name="profile"),
    path("me/password/", own.password, name="password"),
    path("me/sessions/end/", own.end_other_sessions, name="end_other_sessions"),
    path("me/sessions/<slug:handle>/end/", own.end_session, name="end_session"),
    path("me/tokens/", own.make_token, name="make_token"),
    path("me/tokens/<int:pk>/revoke/", own.revoke_token, name="revoke_token"),
    path("officers/", officers.officers, name="officers"),
    path("officers/open/", officers.open_officer, name="open_officer"),
    path("officers/<int:pk>/", officers.officer, name="officer"),
    path("officers/<int:pk>/duties/", officers.appoint, name="appoint"),
    path("officers/<int:pk>/duties/<int:duty_pk>/relieve/", officers.relieve, name="relieve"),
    path("officers/<int:pk>/move/", officers.move_officer, name="move_officer"),
    path("officers/<int:pk>/reset-password/", officers.reset_password, name="reset_password"),
    path("officers/<int:pk>/unlock/", officers.unlock, name="unlock"),
    path("officers/<int:pk>/disable/", officers.disable, name="disable"),
    path("officers/<int:pk>/enable/", officers.enable, name="enable"),
    path("units/", units.units, name="units"),
    path("units/open/", units.open_unit, name="open_unit"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/<int:pk>/move/", units.move_unit, name="move_unit"),
    path("units/<int:pk>/close/", units.close_unit, name="close_unit"),
    path("special-days/", units.special_days, name="special_days"),
    path("special-days/set/", units.set_special_day, name="set_special_day"),
    path("audit/", records.audit_records, name="audit_records"),
]

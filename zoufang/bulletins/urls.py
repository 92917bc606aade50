from django.urls import path

from zoufang.bulletins import views

app_name = "bulletins"
urlpatterns = [
    path("", views.bulletins, name="list"),
    path("draft/", views.draft, name="draft"),
    path("draft/docx/", views.draft_docx, name="draft_docx"),
    path("issue/", views.issue, name="issue"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/docx/", views.docx, name="docx"),
    path("<int:pk>/pdf/", views.pdf, name="pdf"),
]

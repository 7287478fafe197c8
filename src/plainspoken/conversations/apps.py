"""The app `conversations`."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "plainspoken.conversations"
    label = "conversations"
    verbose_name = "Conversations"

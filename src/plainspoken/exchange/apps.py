"""The app `exchange`."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "plainspoken.exchange"
    label = "exchange"
    verbose_name = "Exchange"

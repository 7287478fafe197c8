"""The app `exchange`."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "plainspoken.exchange"
    label = "exchange"
    verbose_name = "Exchange"

    def ready(self) -> None:
        from plainspoken.conversations.ports import provide_legs
        from plainspoken.conversations.services import judge_arrivals

        from .keeping import check_arrival
        from .origins import legs_of

        provide_legs(legs_of)
        judge_arrivals(check_arrival)

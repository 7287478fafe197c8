"""A plan may choose among what a saved search finds."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quality", "0002_automatic_rules")]

    operations = [
        migrations.AddField(model_name="plan", name="search", field=models.UUIDField(null=True)),
    ]

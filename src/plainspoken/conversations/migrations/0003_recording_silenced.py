"""What was taken out of a recording for good."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0002_notes_clips_marks")]

    operations = [
        migrations.AddField(model_name="recording", name="silenced", field=models.JSONField(default=list)),
    ]

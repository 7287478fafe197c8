"""Files that a crash left behind: uploads that no request reads any more, and drafts of stored objects."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from plainspoken.custody import clock
from plainspoken.custody.ports import object_store

# No request lives as long (gunicorn ends one after two minutes of silence), and no object is written for so long.
UPLOAD_AFTER = timedelta(minutes=15)
DRAFT_AFTER = timedelta(hours=6)


def clear() -> int:
    """Remove what nobody has written to for so long; returns how many files. An upload lies in clear until then."""
    now = clock.wall()
    return _uploads(now - UPLOAD_AFTER) + object_store().clear(before=now - DRAFT_AFTER)


def _uploads(before: datetime) -> int:
    removed = 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"):
        try:
            if path.stat().st_mtime < before.timestamp():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                removed += 1
        except FileNotFoundError:
            # Its request has just ended.
            continue
    return removed

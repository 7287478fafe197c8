"""Imported once by the process that commands are forked from (`proofs.commands`): everything a command needs, no connection."""

from plainspoken.cli.main import build
from plainspoken.config.boot import boot

boot(start=False)
build()

"""The command line. Each command is a few lines around one function of the library."""

from reidkit.cli import looking, training
from reidkit.cli.app import main

__all__ = ["looking", "main", "training"]

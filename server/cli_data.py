"""Commands about data: import of catalogue and customers, the sample."""

import argparse
from typing import Any


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put the commands about data into the parser."""

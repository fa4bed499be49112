"""The `supplier` command: one door to everything that is not a page."""

from __future__ import annotations

import importlib

import click

#: Command by module and attribute: each loads only what it needs (`read` needs no database).
COMMANDS = {
    "demo": ("supplier.cli.demo", "demo_command"),
    "init": ("supplier.cli.init", "init_command"),
    "serve": ("supplier.cli.serve", "serve_command"),
    "worker": ("supplier.cli.serve", "worker_command"),
    "read": ("supplier.cli.read", "read_command"),
    "import": ("supplier.cli.imports", "import_command"),
    "retention": ("supplier.cli.retention", "retention_command"),
    "backup": ("supplier.cli.operations", "backup_command"),
    "restore": ("supplier.cli.operations", "restore_command"),
    "verify": ("supplier.cli.operations", "verify_command"),
    "doctor": ("supplier.cli.operations", "doctor_command"),
}


class LazyGroup(click.Group):
    """Imports a command when it is called."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vigie")
def main() -> None:
    """Vigie: supplier vigilance for a group of companies."""


if __name__ == "__main__":
    main()

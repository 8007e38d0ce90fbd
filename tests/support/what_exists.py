"""What documents and messages may name: commands, make targets, stages, params."""

import argparse
import functools
import importlib
import re
from typing import Any

import yaml

from squeezenet_lib.cli import command_line
from squeezenet_lib.paths import ROOT

FOLDERS = {path.name for folder in (ROOT, ROOT / "esp32_pio") for path in folder.iterdir() if path.is_dir()}


def is_command(words: list[str]) -> bool:
    """Whether the command takes these arguments; of another module of the project, whether it is there."""
    module, *rest = words
    if module == "squeezenet_lib":
        return rest in ([], ["COMMAND"]) or takes(rest)
    if module.split(".")[0] in FOLDERS:
        return (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()
    return True  # Python's own, or another package's


def takes(words: list[str]) -> bool:
    if words[0] not in command_line.COMMANDS:
        return False
    parser = argparse.ArgumentParser()
    importlib.import_module(f"squeezenet_lib.cli.{words[0].replace('-', '_')}").add_arguments(parser)
    try:
        parser.parse_args([word for word in words[1:] if not re.match(r"\d?>", word)])
    except SystemExit:
        return False
    return True


@functools.cache
def make_targets() -> set[str]:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    return {
        name for line in lines if re.match(r"[\w\- ]+:(?!=)", line) for name in line.split(":")[0].split()
    }


@functools.cache
def params() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    return content


def is_param(name: str) -> bool:
    value: Any = params()
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


@functools.cache
def stages() -> frozenset[str]:
    return frozenset(yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"])


@functools.cache
def options() -> frozenset[str]:
    """Of all commands and their own commands."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    for name in command_line.COMMANDS:
        module = importlib.import_module(f"squeezenet_lib.cli.{name.replace('-', '_')}")
        module.add_arguments(commands.add_parser(name))
    return frozenset(_options_of(parser))


def _options_of(parser: argparse.ArgumentParser) -> set[str]:
    found: set[str] = set()
    for action in parser._actions:
        found |= set(action.option_strings)
        if isinstance(action, argparse._SubParsersAction):
            found |= {option for inner in action.choices.values() for option in _options_of(inner)}
    return found

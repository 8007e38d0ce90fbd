"""`bench-train [--rounds 5]`: a line for each case, with params.yaml's augmentation and with everything."""

import argparse

from squeezenet_lib.cli.command_line import positive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=positive, default=5, help="turns of each way (%(default)s)")


def run(options: argparse.Namespace) -> None:
    from squeezenet_lib.bench.training import bench_training

    bench_training(options.rounds)

"""The commands of `python -m squeezenet_lib`."""

"""One thin script for each stage of the pipeline (dvc.yaml); the work is done in squeezenet_lib."""

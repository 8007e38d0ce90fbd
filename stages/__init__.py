"""One thin script for each stage of the pipeline (dvc.yaml); the work is done in squeezenet_lib."""

from stages.stage import end_with_dvc

end_with_dvc()  # before what a stage imports, which takes seconds

"""Where the project is, and what its pipeline makes: paths below the folder that `dvc repro` runs in."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PARAMS = Path("params.yaml")
CACHE = Path("data/cache")  # downloads, kept for the next time
RAW = Path("data/raw")
PROCESSED = Path("data/processed")
WEIGHTS = Path("weights")  # what training can start from
MODELS = Path("models")
TRAINED = MODELS / "imagenet"  # ImageNet's weights, where training starts from them
FLOAT_MODEL = MODELS / "float.keras"
PRUNED_MODEL = MODELS / "pruned.keras"
CHECKPOINTS = MODELS / "checkpoint"  # of trainings that are not finished
LAYERS = MODELS / "layers.json"
TFLITE_MODEL = MODELS / "model.tflite"
DECISION = MODELS / "decision.json"  # how scores become an answer
SQZ_MODEL = MODELS / "model.sqz"
TFLM_EXPORT = Path("build/tflm")
GOLDEN = TFLM_EXPORT / "golden.bin"
FIRMWARE = Path("build/firmware")
SITE = Path("build/site")
METRICS = Path("metrics")
PLOTS = Path("plots")

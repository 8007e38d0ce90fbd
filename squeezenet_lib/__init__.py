"""SqueezeNet from pictures to a flashable ESP32 image: the library behind the pipeline's stages."""

import os

# tensorflow-model-optimization works on Keras 2 only. TensorFlow reads this when it is imported, so it is set
# here, in the one module that runs before any other of this package.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
# TensorFlow's start-up notices (levels INFO and WARNING of its C++ side) would drown the stages' own words.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# TensorFlow uses oneDNN by default only on processors with AVX-512; others train 1.6 times as fast with it.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

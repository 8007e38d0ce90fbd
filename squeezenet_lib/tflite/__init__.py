""".tflite files: read, written, and run by the references (TFLite's and TFLM's kernels)."""

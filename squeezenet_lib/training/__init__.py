"""The Keras network and its training loop."""

"""What the network costs on the chip, beside TFLM."""

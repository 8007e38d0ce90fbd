"""What training starts from: the weights of ImageNet, or of an earlier training."""

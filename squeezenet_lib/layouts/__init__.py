"""Which class and split the files of a source belong to."""

"""`make bench`: each line a ratio of interleaved pairs in one run, against a raw baseline or a real peer."""

"""Speech: models as data, and the recogniser over them."""

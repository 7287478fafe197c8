"""What is done with reports: saving, exporting, subscribing, sending."""

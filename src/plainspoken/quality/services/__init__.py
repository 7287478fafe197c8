"""What is done here, each act in a transaction of its own with its entry in the ledger."""

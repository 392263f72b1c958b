"""What commands that answer one question show: one module an answer."""

"""What annotation tools export, one file a format; README.md says how they are found and read."""

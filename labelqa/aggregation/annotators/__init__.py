"""Quality of annotators: accuracy, confusions, drift, lone dissents, self-consistency, and schools of thought."""

"""The command line: one file a command; read -> one library call -> render -> exit code."""

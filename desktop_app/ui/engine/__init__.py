"""The window's side of a running analysis: a queue of jobs and the supervisor of the process that runs them.

The supervisor is a QThread that never blocks the GUI thread; the analysis itself is another process.
"""

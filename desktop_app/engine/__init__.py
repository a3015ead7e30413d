"""Qt-free jobs: slide, tissue, tiles, normalize, features, MIL, results.

Given an open slide and built plugins; opens neither itself. Runs in the worker process or in the command.
"""

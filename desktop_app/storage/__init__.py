"""Files of ours: what is written, where it lives, and how it survives a crash.

GeoJSON, the edit journal, recipes, feature and result files, model bundles. Free of Qt; any thread.
"""

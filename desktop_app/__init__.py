"""Coverslip: reading, annotating and analyzing whole-slide images on a workstation without internet.

For research use only, not for diagnosis.
"""

__version__ = "0.1.0"

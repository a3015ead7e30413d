"""What every plugin must keep to, as checks that an author runs on a folder and the tests run on ours.

Nothing here knows a particular plugin. The checks of a plugin's code run in a process of their own
(:mod:`desktop_app.conformance.process`), since a plugin that is not finished may do anything.
"""

from desktop_app.conformance.suite import CheckResult, check_plugin
from desktop_app.conformance.watched import check_in_process

__all__ = ["CheckResult", "check_in_process", "check_plugin"]

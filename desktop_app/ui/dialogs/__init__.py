"""Dialogs; each is opened without stopping the event loop and says what was chosen through a signal."""

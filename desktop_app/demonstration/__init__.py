"""The slide generator and the demonstration model that is trained on its slides.

Everything a new user needs to see the whole path work without a slide of their own. Nothing made here says
anything about real tissue. Free of Qt; any thread.
"""

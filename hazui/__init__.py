"""hazui: a terminal supervisor for local runs.

Package ``__init__`` files import nothing, so that a command loads only the rooms it uses.
"""

__version__ = "0.1.0"

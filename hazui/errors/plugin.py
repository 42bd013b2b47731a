"""What goes wrong in a plugin: code that hazui runs and did not write.

The plugin is always named. What a failure means for a turn is the business of the runtime error
that has one of these as its source.
"""

from dataclasses import dataclass

from hazui.errors.base import HazuiError, Kind


class PluginError(HazuiError):
    """What a plugin did wrong."""

    FAMILY = "plugin"


@dataclass(eq=False, kw_only=True)
class HookFailed(PluginError):
    """A hook raised; ``source`` is what it raised, with its own traceback."""

    CODE = "plugin.hook_failed"
    KIND = Kind.USER
    HINT = "Fix the plugin, or take it out of workspace.plugins."

    plugin: str
    hook: str
    source: BaseException

    def sentence(self) -> str:
        return f"The plugin {self.plugin} failed in its hook {self.hook}"


@dataclass(eq=False, kw_only=True)
class HookTimedOut(PluginError):
    """A hook did not return in time and was abandoned."""

    CODE = "plugin.hook_timed_out"
    KIND = Kind.USER
    HINT = "Let the hook do its work in a task instead."

    plugin: str
    hook: str
    timeout_s: float

    def sentence(self) -> str:
        return (
            f"The plugin {self.plugin} did not return from its hook {self.hook} "
            f"in {self.timeout_s:g} s"
        )


@dataclass(eq=False, kw_only=True)
class NotLoadable(PluginError):
    """The plugin could not be imported, or is not a plugin."""

    CODE = "plugin.not_loadable"
    KIND = Kind.USER
    HINT = "Check its name in workspace.plugins, and that it is installed."

    plugin: str
    detail: str = ""
    source: BaseException | None = None

    def sentence(self) -> str:
        return f"Cannot load the plugin {self.plugin}" + (f": {self.detail}" if self.detail else "")

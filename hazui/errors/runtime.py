"""Errors of the durable session, and the codes that name them everywhere.

A code is a type, not a text: a known text always becomes the known code, an unknown one is kept
as it is, byte for byte, so that what a plugin or a newer version wrote survives being read here.
It travels as its bare string. Each code has a class: whether trying again can help.

Invariant: two codes are equal if and only if their wire strings are.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any, ClassVar, Self

from hazui.errors.base import CodeClass, HazuiError, Kind


class DurableStoreFacet(Enum):
    """A store that a durable session needs to be durable."""

    ATTACHMENT_STORE = "attachment_store"
    PROCESS_ENV_STORE = "process_env_store"
    SESSION_STORE = "session_store"
    PROCESS_REGISTRY = "process_registry"
    TRIGGER_STORE = "trigger_store"

    def as_code(self) -> str:
        """The full code of this facet."""
        return f"durable_store_required:{self.value}"

    @property
    def label(self) -> str:
        """The facet in words."""
        return self.value.replace("_", " ")


class Variant(StrEnum):
    """The shape of a code: one per known code, one for all facets, one for the rest."""

    MISSING_EXECUTION_SCOPE_ID = "missing_execution_scope_id"
    EXECUTION_SCOPE_TURN_ID_MISMATCH = "execution_scope_turn_id_mismatch"
    SESSION_EXECUTION_BUSY = "session_execution_busy"
    SESSION_EXECUTION_LEASE_LOST = "session_execution_lease_lost"
    MISSING_PROCESS_EXECUTION_ID = "missing_process_execution_id"
    DURABLE_STORE_REQUIRED = "durable_store_required"
    STORE_COMMIT_FAILED = "store_commit_failed"
    PLUGIN_SESSION_MANAGER = "plugin_session_manager"
    PLUGIN_FINALIZE_TURN = "plugin_finalize_turn"
    PLUGIN_CHECKPOINT = "plugin_checkpoint"
    PLUGIN_PREPARE_TURN = "plugin_prepare_turn"
    CONTEXT_PREPARE_TURN = "context_prepare_turn"
    PROTOCOL_TURN_EXTENSION = "protocol_turn_extension"
    PROTOCOL_BEFORE_LLM_CALL = "protocol_before_llm_call"
    TURN_STREAM_JOIN = "turn_stream_join"
    EMPTY_AGENT_FRAME_RUN = "empty_agent_frame_run"
    DURABLE_EFFECT_LIVE_PROTOCOL_EXTENSION = "durable_effect_live_protocol_extension"
    DURABLE_EFFECT_LIVE_PLUGIN_INPUT = "durable_effect_live_plugin_input"
    OTHER = "other"


class RuntimeErrorCode(str):
    """A stable code of a runtime error; ``RuntimeErrorCode(text)`` accepts any text.

    ``match`` it by constant (``case RuntimeErrorCode.STORE_COMMIT_FAILED``) or by shape
    (``case RuntimeErrorCode(Variant.DURABLE_STORE_REQUIRED, facet)``).
    """

    __slots__ = ()
    __match_args__ = ("variant", "facet")

    MISSING_EXECUTION_SCOPE_ID: ClassVar["RuntimeErrorCode"]
    EXECUTION_SCOPE_TURN_ID_MISMATCH: ClassVar["RuntimeErrorCode"]
    SESSION_EXECUTION_BUSY: ClassVar["RuntimeErrorCode"]
    SESSION_EXECUTION_LEASE_LOST: ClassVar["RuntimeErrorCode"]
    MISSING_PROCESS_EXECUTION_ID: ClassVar["RuntimeErrorCode"]
    STORE_COMMIT_FAILED: ClassVar["RuntimeErrorCode"]
    PLUGIN_SESSION_MANAGER: ClassVar["RuntimeErrorCode"]
    PLUGIN_FINALIZE_TURN: ClassVar["RuntimeErrorCode"]
    PLUGIN_CHECKPOINT: ClassVar["RuntimeErrorCode"]
    PLUGIN_PREPARE_TURN: ClassVar["RuntimeErrorCode"]
    CONTEXT_PREPARE_TURN: ClassVar["RuntimeErrorCode"]
    PROTOCOL_TURN_EXTENSION: ClassVar["RuntimeErrorCode"]
    PROTOCOL_BEFORE_LLM_CALL: ClassVar["RuntimeErrorCode"]
    TURN_STREAM_JOIN: ClassVar["RuntimeErrorCode"]
    EMPTY_AGENT_FRAME_RUN: ClassVar["RuntimeErrorCode"]
    DURABLE_EFFECT_LIVE_PROTOCOL_EXTENSION: ClassVar["RuntimeErrorCode"]
    DURABLE_EFFECT_LIVE_PLUGIN_INPUT: ClassVar["RuntimeErrorCode"]

    @classmethod
    def durable_store_required(cls, facet: DurableStoreFacet) -> Self:
        """The code of a facet that is not durable."""
        return cls(facet.as_code())

    @classmethod
    def other(cls, text: str) -> Self:
        """A code of somebody else's; a known text still becomes the known code."""
        return cls(text)

    @classmethod
    def known(cls) -> tuple[Self, ...]:
        """Every known code, each facet by itself, in the order of the variants."""
        codes: list[Self] = []
        for variant in Variant:
            if variant is Variant.DURABLE_STORE_REQUIRED:
                codes += map(cls.durable_store_required, DurableStoreFacet)
            elif variant is not Variant.OTHER:
                codes.append(cls(variant))
        return tuple(codes)

    @property
    def variant(self) -> Variant:
        """The shape of this code."""
        return _SHAPES.get(str(self), (Variant.OTHER, None))[0]

    @property
    def facet(self) -> DurableStoreFacet | None:
        """The store that is not durable, for a code that names one."""
        return _SHAPES.get(str(self), (Variant.OTHER, None))[1]

    @property
    def is_known(self) -> bool:
        """False for a code that this version does not define."""
        return self.variant is not Variant.OTHER

    @property
    def code_class(self) -> CodeClass:
        """Whether trying again without changing anything can help."""
        return _CLASSES.get(self.variant, CodeClass.UNKNOWN)

    @property
    def kind(self) -> Kind:
        """Who can put it right."""
        return _KINDS[self.variant]

    def as_str(self) -> str:
        """The wire string."""
        return str(self)

    def __str__(self) -> str:
        # A plain string, so that nothing downstream keeps the type by accident.
        return str.__str__(self)

    def __repr__(self) -> str:
        return f"RuntimeErrorCode({str(self)!r})"


_SHAPES: dict[str, tuple[Variant, DurableStoreFacet | None]] = {
    variant.value: (variant, None)
    for variant in Variant
    if variant not in (Variant.DURABLE_STORE_REQUIRED, Variant.OTHER)
} | {facet.as_code(): (Variant.DURABLE_STORE_REQUIRED, facet) for facet in DurableStoreFacet}

for _variant in Variant:
    if _variant not in (Variant.DURABLE_STORE_REQUIRED, Variant.OTHER):
        setattr(RuntimeErrorCode, _variant.name, RuntimeErrorCode(_variant.value))

_CLASSES = {
    Variant.SESSION_EXECUTION_BUSY: CodeClass.RETRYABLE,
    Variant.MISSING_EXECUTION_SCOPE_ID: CodeClass.TERMINAL,
    Variant.EXECUTION_SCOPE_TURN_ID_MISMATCH: CodeClass.TERMINAL,
    Variant.MISSING_PROCESS_EXECUTION_ID: CodeClass.TERMINAL,
    Variant.DURABLE_STORE_REQUIRED: CodeClass.TERMINAL,
    Variant.DURABLE_EFFECT_LIVE_PROTOCOL_EXTENSION: CodeClass.TERMINAL,
    Variant.DURABLE_EFFECT_LIVE_PLUGIN_INPUT: CodeClass.TERMINAL,
}
"""The rest is unknown: it depends on the cause, which is in the chain."""

_KINDS = {
    Variant.MISSING_EXECUTION_SCOPE_ID: Kind.USER,
    Variant.EXECUTION_SCOPE_TURN_ID_MISMATCH: Kind.USER,
    Variant.SESSION_EXECUTION_BUSY: Kind.ENVIRONMENT,
    Variant.SESSION_EXECUTION_LEASE_LOST: Kind.ENVIRONMENT,
    Variant.MISSING_PROCESS_EXECUTION_ID: Kind.ENVIRONMENT,
    Variant.DURABLE_STORE_REQUIRED: Kind.CONFIG,
    Variant.STORE_COMMIT_FAILED: Kind.ENVIRONMENT,
    Variant.PLUGIN_SESSION_MANAGER: Kind.USER,
    Variant.PLUGIN_FINALIZE_TURN: Kind.USER,
    Variant.PLUGIN_CHECKPOINT: Kind.USER,
    Variant.PLUGIN_PREPARE_TURN: Kind.USER,
    Variant.CONTEXT_PREPARE_TURN: Kind.ENVIRONMENT,
    Variant.PROTOCOL_TURN_EXTENSION: Kind.USER,
    Variant.PROTOCOL_BEFORE_LLM_CALL: Kind.USER,
    Variant.TURN_STREAM_JOIN: Kind.INTERNAL,
    Variant.EMPTY_AGENT_FRAME_RUN: Kind.USER,
    Variant.DURABLE_EFFECT_LIVE_PROTOCOL_EXTENSION: Kind.USER,
    Variant.DURABLE_EFFECT_LIVE_PLUGIN_INPUT: Kind.USER,
    Variant.OTHER: Kind.ENVIRONMENT,
}


class HazuiRuntimeError(HazuiError):
    """The session could not do a turn, or a part of it that concerns more than one task.

    ``message`` is any text; ``data`` is a small JSON object with what a program may want to know.
    """

    FAMILY = "runtime"

    def __init__(
        self,
        code: RuntimeErrorCode | str,
        message: str,
        *,
        data: Mapping[str, Any] | None = None,
        source: BaseException | None = None,
    ) -> None:
        super().__init__(str(code), message)
        self._code = RuntimeErrorCode(code)
        self._message = message
        self.data: dict[str, Any] = dict(data or {})
        self.source = source
        if source is not None:
            self.__cause__ = source

    @classmethod
    def durable_store_required(
        cls, facet: DurableStoreFacet, *, source: BaseException | None = None
    ) -> Self:
        """A durable session was given an ephemeral store."""
        return cls(
            RuntimeErrorCode.durable_store_required(facet),
            f"durable effect hosts require a durable {facet.label}",
            data={"facet": facet.value},
            source=source,
        )

    @classmethod
    def missing_process_execution_id(cls, *, data: Mapping[str, Any] | None = None) -> Self:
        """A process was to be run without the id it is known by."""
        return cls(
            RuntimeErrorCode.MISSING_PROCESS_EXECUTION_ID,
            "process execution requires a non-empty persisted process id",
            data=data,
        )

    @property
    def code(self) -> RuntimeErrorCode:
        return self._code

    @property
    def message(self) -> str:
        return self._message

    @property
    def kind(self) -> Kind:
        return self._code.kind

    @property
    def hint(self) -> str | None:
        from hazui.errors.explain import hint_of

        return hint_of(self._code)

    def is_code(self, code: RuntimeErrorCode | str) -> bool:
        """Whether this is the error that ``code`` names."""
        return self._code == RuntimeErrorCode(code)

    def __str__(self) -> str:
        return f"{self._code}: {self._message}"

    def __repr__(self) -> str:
        return (
            f"HazuiRuntimeError(code={str(self._code)!r}, message={self._message!r}, "
            f"data={self.data!r}, source={self.source!r})"
        )

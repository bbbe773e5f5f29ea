from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RunnerMessage(_message.Message):
    __slots__ = ("hello", "heartbeat", "deltas", "release", "answer", "streamed")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    DELTAS_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    STREAMED_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    heartbeat: Heartbeat
    deltas: Deltas
    release: Release
    answer: Answer
    streamed: Streamed
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., deltas: _Optional[_Union[Deltas, _Mapping]] = ..., release: _Optional[_Union[Release, _Mapping]] = ..., answer: _Optional[_Union[Answer, _Mapping]] = ..., streamed: _Optional[_Union[Streamed, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("runner_id", "application_version", "pid", "capacity")
    RUNNER_ID_FIELD_NUMBER: _ClassVar[int]
    APPLICATION_VERSION_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    runner_id: str
    application_version: str
    pid: int
    capacity: int
    def __init__(self, runner_id: _Optional[str] = ..., application_version: _Optional[str] = ..., pid: _Optional[int] = ..., capacity: _Optional[int] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("cpu_ms", "memory_bytes", "commands", "command_cpu_ms", "command_memory_bytes", "command_written_bytes", "disk_bytes", "disk_free_bytes")
    CPU_MS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_CPU_MS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    COMMAND_WRITTEN_BYTES_FIELD_NUMBER: _ClassVar[int]
    DISK_BYTES_FIELD_NUMBER: _ClassVar[int]
    DISK_FREE_BYTES_FIELD_NUMBER: _ClassVar[int]
    cpu_ms: int
    memory_bytes: int
    commands: int
    command_cpu_ms: int
    command_memory_bytes: int
    command_written_bytes: int
    disk_bytes: int
    disk_free_bytes: int
    def __init__(self, cpu_ms: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., commands: _Optional[int] = ..., command_cpu_ms: _Optional[int] = ..., command_memory_bytes: _Optional[int] = ..., command_written_bytes: _Optional[int] = ..., disk_bytes: _Optional[int] = ..., disk_free_bytes: _Optional[int] = ...) -> None: ...

class Deltas(_message.Message):
    __slots__ = ("session_id", "fence", "delta")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    fence: int
    delta: _containers.RepeatedCompositeFieldContainer[Delta]
    def __init__(self, session_id: _Optional[str] = ..., fence: _Optional[int] = ..., delta: _Optional[_Iterable[_Union[Delta, _Mapping]]] = ...) -> None: ...

class Streamed(_message.Message):
    __slots__ = ("deltas",)
    DELTAS_FIELD_NUMBER: _ClassVar[int]
    deltas: _containers.RepeatedCompositeFieldContainer[Deltas]
    def __init__(self, deltas: _Optional[_Iterable[_Union[Deltas, _Mapping]]] = ...) -> None: ...

class Delta(_message.Message):
    __slots__ = ("entity_id", "field", "text")
    ENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    entity_id: str
    field: str
    text: str
    def __init__(self, entity_id: _Optional[str] = ..., field: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("question_id", "body", "refused", "remedy")
    QUESTION_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    question_id: str
    body: bytes
    refused: Refusal
    remedy: str
    def __init__(self, question_id: _Optional[str] = ..., body: _Optional[bytes] = ..., refused: _Optional[_Union[Refusal, _Mapping]] = ..., remedy: _Optional[str] = ...) -> None: ...

class Release(_message.Message):
    __slots__ = ("session_id", "fence")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    fence: int
    def __init__(self, session_id: _Optional[str] = ..., fence: _Optional[int] = ...) -> None: ...

class HubMessage(_message.Message):
    __slots__ = ("welcome", "lease", "appended", "revoke", "drain", "settings", "record", "question")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    APPENDED_FIELD_NUMBER: _ClassVar[int]
    REVOKE_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    lease: Lease
    appended: Appended
    revoke: Revoke
    drain: Drain
    settings: Settings
    record: Record
    question: Question
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., lease: _Optional[_Union[Lease, _Mapping]] = ..., appended: _Optional[_Union[Appended, _Mapping]] = ..., revoke: _Optional[_Union[Revoke, _Mapping]] = ..., drain: _Optional[_Union[Drain, _Mapping]] = ..., settings: _Optional[_Union[Settings, _Mapping]] = ..., record: _Optional[_Union[Record, _Mapping]] = ..., question: _Optional[_Union[Question, _Mapping]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("epoch", "heartbeat_ms")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_MS_FIELD_NUMBER: _ClassVar[int]
    epoch: str
    heartbeat_ms: int
    def __init__(self, epoch: _Optional[str] = ..., heartbeat_ms: _Optional[int] = ...) -> None: ...

class Settings(_message.Message):
    __slots__ = ("envelope",)
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    envelope: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, envelope: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Record(_message.Message):
    __slots__ = ("line",)
    LINE_FIELD_NUMBER: _ClassVar[int]
    line: _containers.RepeatedCompositeFieldContainer[RecordLine]
    def __init__(self, line: _Optional[_Iterable[_Union[RecordLine, _Mapping]]] = ...) -> None: ...

class RecordLine(_message.Message):
    __slots__ = ("model", "role", "figures")
    class FiguresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    MODEL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    model: str
    role: str
    figures: _containers.ScalarMap[str, int]
    def __init__(self, model: _Optional[str] = ..., role: _Optional[str] = ..., figures: _Optional[_Mapping[str, int]] = ...) -> None: ...

class Question(_message.Message):
    __slots__ = ("question_id", "method", "body", "credential")
    QUESTION_ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    question_id: str
    method: str
    body: bytes
    credential: _containers.RepeatedCompositeFieldContainer[Credential]
    def __init__(self, question_id: _Optional[str] = ..., method: _Optional[str] = ..., body: _Optional[bytes] = ..., credential: _Optional[_Iterable[_Union[Credential, _Mapping]]] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ("session_id", "workspace_id", "fence")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    workspace_id: str
    fence: int
    def __init__(self, session_id: _Optional[str] = ..., workspace_id: _Optional[str] = ..., fence: _Optional[int] = ...) -> None: ...

class Appended(_message.Message):
    __slots__ = ("session_id", "envelope")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    envelope: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, session_id: _Optional[str] = ..., envelope: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Revoke(_message.Message):
    __slots__ = ("session_id", "fence", "reason")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    fence: int
    reason: str
    def __init__(self, session_id: _Optional[str] = ..., fence: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class Drain(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AppendRequest(_message.Message):
    __slots__ = ("session_id", "fence", "envelope", "document", "objects", "tree")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    TREE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    fence: int
    envelope: _containers.RepeatedScalarFieldContainer[bytes]
    document: _containers.RepeatedScalarFieldContainer[bytes]
    objects: bytes
    tree: str
    def __init__(self, session_id: _Optional[str] = ..., fence: _Optional[int] = ..., envelope: _Optional[_Iterable[bytes]] = ..., document: _Optional[_Iterable[bytes]] = ..., objects: _Optional[bytes] = ..., tree: _Optional[str] = ...) -> None: ...

class AppendReply(_message.Message):
    __slots__ = ("version", "conflict_at", "refused")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONFLICT_AT_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    version: int
    conflict_at: int
    refused: Refusal
    def __init__(self, version: _Optional[int] = ..., conflict_at: _Optional[int] = ..., refused: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("code", "reason")
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    code: str
    reason: str
    def __init__(self, code: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReadRequest(_message.Message):
    __slots__ = ("session_id", "after")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    after: int
    def __init__(self, session_id: _Optional[str] = ..., after: _Optional[int] = ...) -> None: ...

class EventBatch(_message.Message):
    __slots__ = ("envelope",)
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    envelope: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, envelope: _Optional[_Iterable[bytes]] = ...) -> None: ...

class FetchTreeRequest(_message.Message):
    __slots__ = ("workspace_id", "tree", "base")
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    TREE_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    tree: str
    base: str
    def __init__(self, workspace_id: _Optional[str] = ..., tree: _Optional[str] = ..., base: _Optional[str] = ...) -> None: ...

class Chunk(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class PublishChunk(_message.Message):
    __slots__ = ("workspace_id", "tree", "data")
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    TREE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    tree: str
    data: bytes
    def __init__(self, workspace_id: _Optional[str] = ..., tree: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...

class PublishReply(_message.Message):
    __slots__ = ("refused",)
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    refused: Refusal
    def __init__(self, refused: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class HasTreeRequest(_message.Message):
    __slots__ = ("workspace_id", "tree")
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    TREE_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    tree: str
    def __init__(self, workspace_id: _Optional[str] = ..., tree: _Optional[str] = ...) -> None: ...

class HasTreeReply(_message.Message):
    __slots__ = ("has",)
    HAS_FIELD_NUMBER: _ClassVar[int]
    has: bool
    def __init__(self, has: _Optional[bool] = ...) -> None: ...

class DocumentRequest(_message.Message):
    __slots__ = ("document_id",)
    DOCUMENT_ID_FIELD_NUMBER: _ClassVar[int]
    document_id: str
    def __init__(self, document_id: _Optional[str] = ...) -> None: ...

class CredentialsRequest(_message.Message):
    __slots__ = ("session_id", "fence")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    fence: int
    def __init__(self, session_id: _Optional[str] = ..., fence: _Optional[int] = ...) -> None: ...

class CredentialsReply(_message.Message):
    __slots__ = ("credential",)
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    credential: _containers.RepeatedCompositeFieldContainer[Credential]
    def __init__(self, credential: _Optional[_Iterable[_Union[Credential, _Mapping]]] = ...) -> None: ...

class Credential(_message.Message):
    __slots__ = ("provider", "label", "value", "base_url", "origin")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    BASE_URL_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    provider: str
    label: str
    value: str
    base_url: str
    origin: str
    def __init__(self, provider: _Optional[str] = ..., label: _Optional[str] = ..., value: _Optional[str] = ..., base_url: _Optional[str] = ..., origin: _Optional[str] = ...) -> None: ...

class DiagnosticsRequest(_message.Message):
    __slots__ = ("session_id", "fence", "root", "path")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    fence: int
    root: int
    path: str
    def __init__(self, session_id: _Optional[str] = ..., fence: _Optional[int] = ..., root: _Optional[int] = ..., path: _Optional[str] = ...) -> None: ...

class DiagnosticsReply(_message.Message):
    __slots__ = ("asked", "file", "left_out")
    ASKED_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    asked: _containers.RepeatedScalarFieldContainer[str]
    file: _containers.RepeatedCompositeFieldContainer[DiagnosedFile]
    left_out: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, asked: _Optional[_Iterable[str]] = ..., file: _Optional[_Iterable[_Union[DiagnosedFile, _Mapping]]] = ..., left_out: _Optional[_Iterable[str]] = ...) -> None: ...

class DiagnosedFile(_message.Message):
    __slots__ = ("root", "path", "client", "unsaved", "sha256", "diagnostic", "more")
    ROOT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    UNSAVED_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSTIC_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    root: int
    path: str
    client: str
    unsaved: bool
    sha256: str
    diagnostic: _containers.RepeatedCompositeFieldContainer[Diagnostic]
    more: int
    def __init__(self, root: _Optional[int] = ..., path: _Optional[str] = ..., client: _Optional[str] = ..., unsaved: _Optional[bool] = ..., sha256: _Optional[str] = ..., diagnostic: _Optional[_Iterable[_Union[Diagnostic, _Mapping]]] = ..., more: _Optional[int] = ...) -> None: ...

class Diagnostic(_message.Message):
    __slots__ = ("line", "end_line", "severity", "code", "source", "message")
    LINE_FIELD_NUMBER: _ClassVar[int]
    END_LINE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    line: int
    end_line: int
    severity: str
    code: str
    source: str
    message: str
    def __init__(self, line: _Optional[int] = ..., end_line: _Optional[int] = ..., severity: _Optional[str] = ..., code: _Optional[str] = ..., source: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

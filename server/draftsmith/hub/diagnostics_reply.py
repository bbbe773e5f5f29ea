"""What editors show as wrong, as the runners' channel has it."""

from __future__ import annotations

from draftsmith.ports.editor_diagnostics import DiagnosedFile, ShownDiagnostics
from draftsmith.protocol.generated import runner_pb2 as wire


def diagnostics_reply(shown: ShownDiagnostics) -> wire.DiagnosticsReply:
    return wire.DiagnosticsReply(
        asked=list(shown.asked), file=[_file(one) for one in shown.files], left_out=list(shown.left_out)
    )


def _file(file: DiagnosedFile) -> wire.DiagnosedFile:
    return wire.DiagnosedFile(
        root=file.root,
        path=file.path,
        client=file.client,
        unsaved=file.unsaved,
        sha256=file.sha256,
        diagnostic=[
            wire.Diagnostic(
                line=one.line,
                end_line=one.end_line,
                severity=one.severity,
                code=one.code,
                source=one.source,
                message=one.message,
            )
            for one in file.diagnostics
        ],
        more=file.more,
    )

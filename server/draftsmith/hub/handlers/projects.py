"""New projects from templates. The session in it is started by the client, as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.roots import Root
from draftsmith.hub.workspaces import workspace_id_of
from draftsmith.protocol.methods.projects import (
    CreateParams,
    CreateResult,
    TemplateLine,
    TemplatesParams,
    TemplatesResult,
)
from draftsmith.workspace import templates as project_templates

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def templates(_call: Call, _params: TemplatesParams) -> TemplatesResult:
    return TemplatesResult(
        templates=tuple(
            TemplateLine(
                template=one.template,
                title=one.title,
                summary=one.summary,
                language=one.language,
                request=one.request,
                files=tuple(sorted(project_templates.filled(one, "project"))),
            )
            for one in project_templates.templates()
        )
    )


async def create(call: Call, params: CreateParams) -> CreateResult:
    """Everything that can be wrong is found before the folder is made."""
    template = project_templates.find_template(params.template)
    name = params.name.strip() or params.folder.rstrip("/").rpartition("/")[2]
    files = project_templates.filled(template, name)
    async with call.hub.applying.under_way:
        folder = await project_templates.prepare_folder(params.folder, call.hub.state_dir)
        store = await call.hub.workspaces.store(workspace_id_of([Root(name=folder.name, path=str(folder))]))
        written = await project_templates.write_project(store, folder, files)
    return CreateResult(folder=str(folder), files=written)

"""A tool server among the session's tools, as a client may give it.

The fields are those of the API reference; a session only repeats them.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class ToolFilter(Struct, frozen=True, forbid_unknown_fields=True):
    """Some tools of a server: those named, or those that only read."""

    read_only: bool | UnsetType | None = UNSET
    tool_names: tuple[str, ...] | UnsetType | None = UNSET


class ApprovalFilter(Struct, frozen=True, forbid_unknown_fields=True):
    """Which tools need approval always, and which never."""

    always: ToolFilter | UnsetType | None = UNSET
    never: ToolFilter | UnsetType | None = UNSET


class McpTool(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="mcp"
):
    """A tool server that the far side calls by itself."""

    server_label: str
    server_url: str | UnsetType | None = UNSET
    server_description: str | UnsetType | None = UNSET
    connector_id: (
        Literal[
            "connector_dropbox",
            "connector_gmail",
            "connector_googlecalendar",
            "connector_googledrive",
            "connector_microsoftteams",
            "connector_outlookcalendar",
            "connector_outlookemail",
            "connector_sharepoint",
        ]
        | UnsetType
        | None
    ) = UNSET
    authorization: str | UnsetType | None = UNSET
    headers: dict[str, str] | UnsetType | None = UNSET
    allowed_tools: tuple[str, ...] | ToolFilter | UnsetType | None = UNSET
    allowed_callers: (
        tuple[Literal["direct", "programmatic"], ...] | UnsetType | None
    ) = UNSET
    require_approval: Literal["always", "never"] | ApprovalFilter | UnsetType | None = (
        UNSET
    )
    defer_loading: bool | UnsetType | None = UNSET
    tunnel_id: str | UnsetType | None = UNSET

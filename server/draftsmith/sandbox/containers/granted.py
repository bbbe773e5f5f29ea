"""A way to granted hosts for a command in a container: the filtering proxy, listening on the container's loopback."""

from __future__ import annotations

from collections.abc import Sequence

from draftsmith.domain.errors import UserError
from draftsmith.sandbox.containers.kept import KeptContainer
from draftsmith.sandbox.network import SandboxNetwork
from draftsmith.sandbox.proxy import FilteringProxy, Way

_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class GrantedHosts:
    """Made by `open`; `close` ends it and gives what was refused, in words."""

    def __init__(self, proxy: FilteringProxy, environment: dict[str, str]) -> None:
        self._proxy = proxy
        self.environment = environment

    @classmethod
    async def open(cls, kept: KeptContainer, hosts: Sequence[str], way: Way | None) -> GrantedHosts:
        """Raises UserError (`network_not_granted`) where the container's network cannot be entered."""
        try:
            network = SandboxNetwork(kept.pid)
            try:
                listening = await network.listener()
            finally:
                network.close()
        except OSError as failure:
            raise UserError(
                "Hosts cannot be granted to a command in this container: its network cannot be entered.",
                code="network_not_granted",
                remedy="Only a runner that is root may enter it; bubblewrap (DRAFTSMITH_SANDBOX) needs no root.",
            ) from failure
        proxy = FilteringProxy(hosts, way)
        port: int = listening.getsockname()[1]
        await proxy.serve(listening)
        address = proxy.address("127.0.0.1", port)
        environment = dict.fromkeys((*_PROXY_VARIABLES, *map(str.lower, _PROXY_VARIABLES)), address)
        return cls(proxy, environment | dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.1,::1"))

    async def close(self) -> list[str]:
        await self._proxy.close()
        return [f"It asked for {host}, which is not granted." for host in self._proxy.refused]

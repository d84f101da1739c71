"""The kernel that executes notebooks: always this interpreter's own.

Jupyter looks a kernel up by name along several folders, and a ``python3`` found first
there may start another interpreter with other versions. This one is not looked up.
"""

import signal
from typing import IO, ClassVar

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager


class OwnKernel(AsyncKernelManager):
    """Starts ``sys.executable``; notes what its process says and how it ended.

    Attributes:
        said: Takes the process's own words: a library's complaints, a crash's last ones.
        exit_code: Of the process, once it was found dead; below 0, the signal's number.
    """

    said: ClassVar[IO[str] | None] = None
    exit_code: ClassVar[int | None] = None

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernel of the running interpreter, whatever the name asked for."""
        return KernelSpec(resource_dir="", **get_kernel_dict())

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: object) -> None:
        kw |= {"stdout": self.said, "stderr": self.said}
        await super()._async_launch_kernel(kernel_cmd, **kw)

    async def _async_is_alive(self) -> bool:
        alive = await super()._async_is_alive()
        if not alive and self.provisioner is not None:
            type(self).exit_code = await self.provisioner.poll()
        return alive

    _launch_kernel = _async_launch_kernel
    is_alive = _async_is_alive


def own_kernel(said: IO[str]) -> type[OwnKernel]:
    """A class of kernel managers for one notebook.

    Papermill takes a class and makes the manager itself; so what the manager learns is
    kept on the class.
    """
    return type("OwnKernel", (OwnKernel,), {"said": said, "exit_code": None})


def how_it_ended(kernel: type[OwnKernel]) -> str:
    """Why a kernel is dead, as far as its exit code tells."""
    code = kernel.exit_code
    if code is None:
        return "it does not answer"
    if code >= 0:
        return f"its process ended with exit code {code}"
    hint = "; out of memory ends so" if -code == signal.SIGKILL else ""
    return f"its process was ended by {signal.Signals(-code).name}{hint}"

"""Is there a Docker that runs containers?"""

from __future__ import annotations

import shutil
import subprocess


def docker_trouble() -> str:
    """Return why no container can be run, or nothing when one can; blocks for at most 5 s."""
    if shutil.which("docker") is None:
        return "there is no docker"
    try:
        subprocess.run(["docker", "version"], check=True, capture_output=True, timeout=5)  # noqa: S607 - as on PATH
    except (OSError, subprocess.SubprocessError) as error:
        return f"Docker does not answer: {error}"
    return ""

"""Manifests of steps for tests, as they lie in runs."""

from pathlib import Path

from codekiln.core import manifest


def step(
    folder: Path,
    phase: str,
    started: str = "",
    files: tuple[str, ...] = ("data.bin",),
    **inputs: str,
) -> str:
    """Write an output with these files, made from `inputs`; return its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in files:
        (folder / name).write_text(f"{folder} {phase}")
    made = manifest.Manifest(
        phase=phase, version="0", started=started or "2026-11-20T00:00:00+00:00", seconds=1.0,
        settings={}, settings_digest="", inputs=inputs, counts={}, metrics={},
        files=manifest.files_of(folder), digest=manifest.digest_of(folder),
    )  # fmt: skip
    manifest.write(folder, made)
    return made.digest

"""The API of GitHub: asked patiently, within its limits, and believed only as far as it goes."""

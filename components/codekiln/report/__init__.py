"""report: whatever a run left becomes one page for people and one document for programs."""

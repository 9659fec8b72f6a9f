"""A pipeline on Kubeflow: submitted, followed, uploaded, scheduled."""

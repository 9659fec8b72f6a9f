"""`codekiln doctor`: whether a machine, a store, a Kubeflow, a cluster can run pipelines."""

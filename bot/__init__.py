"""What huntbot does: hunts, findings, triage, digests; knows neither the environment nor the stand-ins."""

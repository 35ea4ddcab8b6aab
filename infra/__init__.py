"""The hosts of the platform: `infra.local` on one machine, `infra.aws` as a bundle for CloudFormation."""

STAGE = "api"
"""The stage of API Gateway that requests come from, on AWS and in the events of one machine alike."""

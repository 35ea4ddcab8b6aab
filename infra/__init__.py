"""The hosts of the platform: `infra.local` on one machine, `infra.aws` as a bundle for CloudFormation."""

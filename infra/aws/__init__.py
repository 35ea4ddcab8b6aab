"""The platform on AWS: one bundle of code, a layer of dependencies and a CloudFormation (SAM) template."""

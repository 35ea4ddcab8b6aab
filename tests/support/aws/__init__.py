"""What AWS refuses and moto does not: rules in front of moto, for every test that runs over AWS."""

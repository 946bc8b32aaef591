"""What the speed figures of the README come from; `make bench` runs them all."""

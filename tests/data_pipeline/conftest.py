"""Settings of the property tests in this folder."""

from hypothesis import settings

# A busy machine is slow now and then; that is no fault of a statistic.
settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")

"""What every test has: a clean environment, no process left behind, and Hypothesis that repeats itself.

The parts, with the shared fixtures, stand in `isolation.py` and `reporting.py`; this file only names them.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["isolation", "reporting"]

# The same examples in every run, so that a red run is red again; `--hypothesis-profile=deep` looks further.
# One failure at a time and no explaining: a red test may not take minutes of everybody's run.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    database=None,
    print_blob=True,
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate, Phase.target, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", deadline=None, max_examples=2000, database=None, print_blob=True)
settings.load_profile("ci")

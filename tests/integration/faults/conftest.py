"""Every part tells its points, failures and seconds at the end of the run, also when all went well."""

from collections.abc import Generator

import pytest

from tests.integration.faults.share import DONE


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Record the parts that a test went through."""
    before = len(DONE)
    try:
        return (yield)
    finally:
        pyfuncitem.user_properties += [("told", part.line()) for part in DONE[before:]]

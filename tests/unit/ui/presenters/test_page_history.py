"""Back and forward."""

from ui.presenters.page_history import PageHistory, Place

A, B, C = Place("accounts"), Place("account", {"account_id": "1"}), Place("account", {"account_id": "2"})


def test_back_and_forward() -> None:
    history = PageHistory()
    for place in (A, B, C):
        history.go(place)
    assert history.step(-1) == B
    assert history.step(-1) == A
    assert history.step(-1) is None
    assert history.step(1) == B
    assert history.can(1)


def test_going_somewhere_new_forgets_what_lay_ahead() -> None:
    history = PageHistory()
    for place in (A, B):
        history.go(place)
    history.step(-1)
    history.go(C)
    assert history.step(1) is None
    assert history.step(-1) == A


def test_the_same_place_twice_counts_once() -> None:
    history = PageHistory()
    history.go(A)
    history.go(Place("accounts"))
    assert not history.can(-1)

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from draftsmith.client.held import STEPS_HELD, Change, HeldSession
from draftsmith.client.messages import StepEntity, Update
from unit.client.world import SESSION, World, step


def held_of(world: World) -> HeldSession:
    held = HeldSession(SESSION)
    held.replace(world.snapshot())
    return held


def contents(held: HeldSession) -> dict[tuple[str, str], object]:
    return {(entity["kind"], entity["id"]): entity for entity in held}


def test_newer_entity_replaces_and_older_one_does_not() -> None:
    held = held_of(World())
    newer, older = step("a", 1, 5, "new"), step("a", 1, 4, "old")
    assert held.put(newer)  # pyright: ignore[reportArgumentType]  a plain dict
    assert not held.put(older)  # pyright: ignore[reportArgumentType]  a plain dict
    assert held.of("step", StepEntity)[0]["text"] == "new"


def test_update_seen_before_changes_nothing() -> None:
    world = World()
    held = held_of(world)
    update = world.put(step("a", 1, 0))
    assert isinstance(held.apply(update), Change)
    assert held.apply(update) == "known"


def test_missing_update_is_a_gap_and_leaves_the_view_as_it_was() -> None:
    world = World()
    held = held_of(world)
    world.put(step("a", 1, 0))
    later = world.put(step("b", 2, 0))
    assert held.apply(later) == "gap"
    assert contents(held) == {}


def test_update_of_another_epoch_is_a_gap() -> None:
    world = World()
    held = held_of(world)
    world.restart()
    assert held.apply(world.put(step("a", 1, 0))) == "gap"


def test_text_that_does_not_fit_is_asked_for() -> None:
    world = World()
    world.put(step("a", 1, 0, "abc"))
    held = held_of(world)
    update = world.append("a", "def")
    update["appends"][0]["offset"] = 5
    outcome = held.apply(update)
    assert isinstance(outcome, Change)
    assert outcome.wanted == (("step", "a"),)
    assert held.of("step", StepEntity)[0]["text"] == "abc"


def test_text_already_held_after_asking_is_not_doubled() -> None:
    world = World()
    world.put(step("a", 1, 0))
    held = held_of(world)
    update = world.append("a", "abc")
    held.put(world.snapshot()["entities"][0])  # `entity/get` was answered with the text that is still under way
    outcome = held.apply(update)
    assert isinstance(outcome, Change)
    assert not outcome.wanted
    assert held.of("step", StepEntity)[0]["text"] == "abc"


def test_append_to_an_entity_not_held_is_dropped() -> None:
    world = World()
    held = held_of(world)
    world.entities[("step", "old")] = step("old", 1, 1)
    outcome = held.apply(world.append("old", "text"))
    assert isinstance(outcome, Change)
    assert not outcome.wanted
    assert contents(held) == {}


def test_only_the_last_steps_are_held_however_many_come() -> None:
    world = World()
    held = held_of(world)
    for number in range(STEPS_HELD + 50):
        held.apply(world.put(step(f"s{number}", number, 0)))
    steps = held.of("step", StepEntity)
    assert [one["ordinal"] for one in steps] == list(range(50, STEPS_HELD + 50))
    assert held.more_steps
    held.apply(world.put(step("s3", 3, 0, "an old one changed")))
    assert held.get("step", "s3") is None


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5)),
        st.tuples(st.just("append"), st.integers(0, 5)),
        st.tuples(st.just("remove"), st.integers(0, 5)),
        st.tuples(st.just("lose"), st.integers(1, 4)),
        st.tuples(st.just("repeat"), st.integers(0, 30)),
        st.tuples(st.just("shuffle"), st.integers(0, 1_000)),
        st.tuples(st.just("restart"), st.just(0)),
    ),
    max_size=60,
)


class Lossy:
    """A view at the end of a bad line, and a witness that saw everything."""

    def __init__(self, kept: int) -> None:
        self.world = World(kept=kept)
        self.view, self.witness = held_of(self.world), held_of(self.world)
        self.lose = 0

    def play(self, action: str, number: int) -> None:
        world = self.world
        match action:
            case "put":
                self.publish(world.put(step(f"s{number}", number, 0, "" if number % 2 else "begun")))
            case "append" if ("step", f"s{number}") in world.entities:
                self.publish(world.append(f"s{number}", f"<{world.seq}>"))
            case "remove":
                self.publish(world.remove("step", f"s{number}"))
            case "lose":
                self.lose = number
            case "repeat" if world.updates:
                self.deliver(world.updates[number % len(world.updates)])
            case "shuffle":
                for old in world.updates[::-1] if number % 2 else world.updates:
                    self.deliver(old)
            case "restart":
                world.restart()
                self.witness.replace(world.snapshot())
            case _:
                pass

    def publish(self, update: Update) -> None:
        self.witness.apply(update)
        if self.lose:
            self.lose -= 1
        else:
            self.deliver(update)

    def deliver(self, update: Update) -> None:
        outcome = self.view.apply(update)
        if outcome == "gap" or (isinstance(outcome, Change) and outcome.wanted):
            self.attach()

    def attach(self) -> None:
        result = self.world.attach(self.view.epoch, self.view.seq)
        if result["snapshot"] is not None:
            self.view.replace(result["snapshot"])
        for missed in result["updates"]:
            assert self.view.apply(missed) != "gap"


@given(actions=ACTIONS, kept=st.integers(0, 12))
@settings(max_examples=300)
def test_view_over_cuts_repeats_and_disorder_equals_one_that_saw_all(actions: list[tuple[str, int]], kept: int) -> None:
    line = Lossy(kept)
    for action, number in actions:
        line.play(action, number)
    line.attach()
    assert contents(line.view) == contents(line.witness) == line.world.entities
    assert (line.view.epoch, line.view.seq) == (line.world.epoch, line.world.seq)

"""`python -m bench [PART]`: what is fast, and whether it stays so; see docs/bench.md."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import archives, delivery, figures, growth, history, peers, store, surface, surface_messages


def _archives(args: argparse.Namespace) -> bool:
    archives.measure(args.archive, args.events, args.times, args.out)
    return True


def _peers(args: argparse.Namespace) -> bool:
    return peers.measure(args.archive, args.peer_events)


def _growth(args: argparse.Namespace) -> bool:
    growth.measure(args.growth, args.times)
    return True


def _store(args: argparse.Namespace) -> bool:
    return store.measure(args.sizes, args.rounds, args.lately, args.postgres)


def _delivery(args: argparse.Namespace) -> bool:
    return delivery.measure(args.messages, args.postgres)


def _surface(args: argparse.Namespace) -> bool:
    return surface.measure(args.at_once, args.bursts, args.presses, args.cards)


PARTS: Mapping[str, Callable[[argparse.Namespace], bool]] = {
    "archives": _archives,
    "peers": _peers,
    "growth": _growth,
    "store": _store,
    "delivery": _delivery,
    "surface": _surface,
}


def main() -> int:
    """1 where something is not within its goal."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without one")
    _add_archives(parser)
    parser.add_argument("--sizes", type=_numbers, default=store.SIZES, help="of the store: 1000,10000 is quick")
    parser.add_argument("--rounds", type=int, default=store.ROUNDS, help="times taken of each act (%(default)s)")
    parser.add_argument(
        "--lately", type=int, default=history.LATELY, help="findings that may wait still (%(default)s)"
    )
    parser.add_argument("--messages", type=int, default=delivery.MESSAGES, help="to be delivered (%(default)s)")
    parser.add_argument("--at-once", type=_numbers, default=surface.AT_ONCE, help="commands in a burst: 200 is quick")
    parser.add_argument("--bursts", type=int, default=surface.BURSTS, help="of each command (%(default)s)")
    parser.add_argument("--presses", type=int, default=surface.PRESSES, help="on a message each (%(default)s)")
    parser.add_argument(
        "--cards", type=int, default=surface_messages.MESSAGES, help="messages to be made (%(default)s)"
    )
    parser.add_argument("--postgres", metavar="URL", help="of a server whose user may create databases")
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}")
    is_good = [PARTS[part](args) for part in args.parts or PARTS]
    return 0 if all(is_good) else 1


def _add_archives(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--archive", type=Path, metavar="FOLDER", help="of CloudTrail logs; without one they are told"
    )
    parser.add_argument("--events", type=int, default=archives.EVENTS, help="that are told (%(default)s)")
    parser.add_argument("--peer-events", type=int, default=peers.EVENTS, help="that peers are given (%(default)s)")
    parser.add_argument("--growth", type=_numbers, default=growth.SIZES, help="events, each ten times the one before")
    parser.add_argument("--times", type=int, default=archives.ROUNDS, help="rounds over an archive (%(default)s)")
    parser.add_argument("--out", type=Path, default=figures.RUN, help="the figures of archives (%(default)s)")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part.replace("_", "")) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(main())

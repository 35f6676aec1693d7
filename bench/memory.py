"""What a hall with 200 displays holds in memory while they are told of calls."""

from bench import places
from bench.calling import SCREENS, wall

CALLS = 20
TARGET_MB = 150.0


def measure() -> tuple[float, float]:
    """Return the megabytes before the displays come and after they were told of calls."""
    with places.hall() as hall, wall(hall) as ask:
        window = places.windows_of(places.ZONE)[0]
        keys = {role: hall.key(role) for role in ("kiosk", "window", "display")}
        ask(post=f"/api/v1/windows/{window.no}/open", body={}, key=keys["window"])
        before = hall.memory_mb()
        ask(auth={"key": keys["display"]}, watch={"zone": places.ZONE})
        for count in range(CALLS):
            body = {"service": window.services[0], "tap": f"memory-{count}"}
            ask(post="/api/v1/tickets", body=body, key=keys["kiosk"])
            ask(post=f"/api/v1/windows/{window.no}/calls", body={}, key=keys["window"])
            ask(post=f"/api/v1/windows/{window.no}/miss", body={}, key=keys["window"])
            ask(listen=0.1)
        return before, hall.memory_mb()


def main() -> bool:
    """Print the figures and return whether the target is met."""
    before, after = measure()
    print(
        f"memory: {after:.0f} MB with {SCREENS} displays (target <= {TARGET_MB:.0f} MB), "
        f"{before:.0f} MB without, {1024 * (after - before) / SCREENS:.0f} KB a display"
    )
    return after <= TARGET_MB


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)

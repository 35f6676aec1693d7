"""class Admission – the verbs of signing in: count and slow down, second factors, passwords, locks.

What is typed is compared elsewhere (``web.passwords``, beside the loop); here is what follows.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from admission import codes, lockout, pins, policy, steps
from admission.halfway import Halfway
from admission.lockout import BESIDE, STRANGER, MustWait
from admission.present import Present
from admission.store import Admissions, Count
from admission.vault import Vault
from hall.catalogue import Person
from hall.config import Config
from hall.days import DAY, Clock, Instant
from hall.refusals import NotAllowed, NotFound
from hall.register import Register
from hall.store import Store

# So many numbers nobody has are counted in memory; the file keeps one row for all of them.
UNKNOWN_MOST = 10_000
# A form may be a megabyte; no staff number is as long as this.
LONGEST_KEPT = 64
ALL_UNKNOWN = ""
COUNTS_KEPT = 180 * DAY
LOCKS_KEPT = 2 * DAY
KEY_SUFFIX = ".key"


@dataclass(frozen=True, slots=True)
class Slowed:
    """An account that has to wait somewhere, as the security administrator sees it."""

    count: Count
    person: Person | None
    seconds: int
    locked: bool


class Admission:
    """The one place where sign-ins are counted and second factors, passwords and locks are kept."""

    def __init__(
        self, store: Store, register: Register, config: Config, clock: Clock, database: Path
    ) -> None:
        self.store = store
        self.tables = Admissions(store)
        self.register = register
        self.config = config.security
        self.clock = clock
        self.vault = Vault(database.with_suffix(KEY_SUFFIX))
        self.halfway = Halfway(clock)
        self.present = Present(store, clock)
        self._unknown: OrderedDict[str, tuple[int, Instant]] = OrderedDict()
        with store.transaction():
            self.tables.forget_counts_before(clock() - COUNTS_KEPT)
            self.tables.forget_locks_before(clock() - LOCKS_KEPT)
        self._locks = self.tables.locks()

    # -- failures -------------------------------------------------------------------------------

    def begin_try(self, account: str, source: str, address: str) -> int:
        """Count a try before it is looked at, and return the failures that it would make.

        A hundred tries at once are a hundred; ``take_back`` or ``clear`` follow what was right.
        An account nobody has is counted as well, and waits as long. Raises MustWait.
        """
        now = self.clock()
        known = self.register.person(account) is not None
        with self.store.transaction():
            failures, last_at = self._failures(account, source, known)
            if seconds := lockout.left(failures, last_at, now):
                raise MustWait(seconds, failures >= lockout.LOCKED_AT)
            if known:
                failures = self.tables.count_one(account, source, now, address)
            else:
                # one row for all, so that both take as long, and the table does not grow
                self.tables.count_one(ALL_UNKNOWN, STRANGER, now, address)
                failures = self._count_unknown(account, failures + 1, now)
            if known and failures == lockout.LOCKED_AT:
                here = source not in (STRANGER, BESIDE)
                detail = {"known_browser": here, "address": address}
                self.store.note(now, "sign_in_locked", who=account, detail=detail)
        return failures

    def _failures(self, account: str, source: str, known: bool) -> tuple[int, Instant]:
        if not known:
            return self._unknown.get(account[:LONGEST_KEPT], (0, 0))
        count = self.tables.count(account, source)
        return (count.failures, count.last_at) if count else (0, 0)

    def _count_unknown(self, account: str, failures: int, now: Instant) -> int:
        kept = account[:LONGEST_KEPT]
        self._unknown[kept] = (failures, now)
        self._unknown.move_to_end(kept)
        while len(self._unknown) > UNKNOWN_MOST:
            self._unknown.popitem(last=False)
        return failures

    def wait_after(self, failures: int) -> int:
        """Return how many seconds the next try has to wait."""
        return lockout.left(failures, self.clock(), self.clock())

    def wait_left(self, account: str, source: str) -> int:
        """Return for how many seconds nothing is accepted of an account from one source."""
        known = self.register.person(account) is not None
        failures, last_at = self._failures(account, source, known)
        return lockout.left(failures, last_at, self.clock())

    def take_back(self, account: str, source: str) -> None:
        """Count a try for nothing: it was right, but there is more to come."""
        with self.store.transaction():
            self.tables.take_back(account, source)

    def clear(self, account: str, source: str) -> None:
        """Forget an account's failures from one source: somebody came in from there."""
        with self.store.transaction():
            self.tables.forget_count(account, source)

    def slowed(self) -> list[Slowed]:
        """Return which accounts are locked or slowed down, the newest failure first."""
        people, now = self.register.catalogue().person, self.clock()
        found = []
        for count in self.tables.counts(lockout.WAITS_FROM):
            seconds = lockout.left(count.failures, count.last_at, now)
            locked = count.failures >= lockout.LOCKED_AT
            found.append(Slowed(count, people.get(count.account), seconds, locked))
        return found

    def unlock(self, account: str, by: str) -> None:
        """Let an account try again at once, from everywhere. NotFound when nothing is counted."""
        with self.store.transaction():
            if not self.tables.forget_counts(account):
                raise NotFound("not_locked", "这个账号没有锁定，可能已经解锁。")
            self.store.note(self.clock(), "sign_in_unlocked", who=by, detail={"person": account})

    # -- the second factor ----------------------------------------------------------------------

    def must_have_factor(self, person: Person) -> bool:
        """Return whether the hall's setting asks a person of this role for a second factor."""
        return person.role in steps.MUST[self.config.second_factor]

    def has_factor(self, staff_number: str) -> bool:
        """Return whether a person has a second factor that counts."""
        factor = self.tables.factor(staff_number)
        return factor is not None and factor.confirmed_at is not None

    def with_factor(self) -> set[str]:
        """Return who has a second factor that counts."""
        return self.tables.with_factor()

    def proof_of(self, staff_number: str) -> str:
        """Return what a person's sign-ins are void without: their second factor, if any counts."""
        factor = self.tables.factor(staff_number)
        if factor is not None and factor.confirmed_at is not None:
            return f"/{factor.confirmed_at}"
        person = self.register.person(staff_number)
        return "/0" if person is not None and self.must_have_factor(person) else ""

    def begin_factor(self, staff_number: str) -> str:
        """Return the secret of a factor that is being set up: the same until it is confirmed.

        NotAllowed ``has_factor`` when there is one already: that is taken off first.
        """
        with self.store.transaction():
            factor = self.tables.factor(staff_number)
            if factor is not None and factor.confirmed_at is not None:
                raise NotAllowed("has_factor", "您已经设置了二次验证。")
            if factor is not None:
                try:
                    return self.vault.open(factor.secret, staff_number)
                except NotAllowed:
                    pass  # the key was lost in between: nothing hangs on it yet
            secret = codes.new_secret()
            sealed = self.vault.seal(secret, staff_number)
            self.tables.save_factor(staff_number, sealed, self.clock())
        return secret

    def check_first_code(self, staff_number: str, code: str) -> int:
        """Return the time-step of the code that confirms a factor; NotAllowed ``wrong_code``."""
        factor = self.tables.factor(staff_number)
        if factor is None or factor.confirmed_at is not None:
            raise NotAllowed("nothing_to_confirm", "没有正在设置的二次验证，请重新开始。")
        secret = self.vault.open(factor.secret, staff_number)
        step = codes.accepted_step(secret, code, self.clock(), factor.last_step)
        if step is None:
            raise NotAllowed("wrong_code", "验证码不对，请输入手机上现在显示的 6 位数字。")
        return step

    def confirm_factor(self, staff_number: str, code: str, recovery: Mapping[str, str]) -> None:
        """Let a factor count once its first code is right; ``recovery`` are hashes by label."""
        with self.store.transaction():
            step = self.check_first_code(staff_number, code)
            self.tables.confirm_factor(staff_number, step, self.clock())
            self.tables.save_recovery_codes(staff_number, dict(recovery))
            self.store.note(self.clock(), "second_factor_set", who=staff_number)

    def use_code(self, staff_number: str, code: str) -> bool:
        """Return whether a code opens, once; NotAllowed ``no_key`` when none can be checked."""
        with self.store.transaction():
            factor = self.tables.factor(staff_number)
            if factor is None or factor.confirmed_at is None:
                return False
            secret = self.vault.open(factor.secret, staff_number)
            step = codes.accepted_step(secret, code, self.clock(), factor.last_step)
            return step is not None and self.tables.use_step(staff_number, step)

    def recovery_hash(self, staff_number: str, label: str) -> str | None:
        """Return the hash of a recovery code that has not been used, None without one."""
        return self.tables.recovery_hash(staff_number, label)

    def recovery_codes_left(self, staff_number: str) -> int:
        """Return how many recovery codes have not been used."""
        return self.tables.recovery_codes_left(staff_number)

    def use_recovery_code(self, staff_number: str, label: str) -> bool:
        """Use up a recovery code that was compared with its hash; False when it is gone."""
        with self.store.transaction():
            used = self.tables.use_recovery_code(staff_number, label, self.clock())
            if used:
                self.store.note(self.clock(), "recovery_code_used", who=staff_number)
        return used

    def drop_factor(self, staff_number: str, by: str) -> None:
        """Take a person's second factor off: they set up a new one at the next sign-in.

        A security administrator does it for others; NotAllowed ``own_factor`` for themselves, since
        who sits down at an open page must not be able to.
        """
        if staff_number == by:
            raise NotAllowed("own_factor", "自己的二次验证不能自己重置，请另一位安全管理员办理。")
        with self.store.transaction():
            if not self.tables.drop_factor(staff_number):
                raise NotFound("no_factor", "此人没有设置二次验证，可能已经重置。")
            detail = {"person": staff_number}
            self.store.note(self.clock(), "second_factor_reset", who=by, detail=detail)

    # -- passwords ------------------------------------------------------------------------------

    def must_change(self, staff_number: str) -> bool:
        """Return whether a person's password must be changed before they come in."""
        set_at, must = self.tables.password_known(staff_number)
        return policy.is_due(self.config.passwords, set_at, must, self.clock())

    def past_hashes(self, staff_number: str) -> list[str]:
        """Return the hashes a new password must not match: by 等保 the last ones, else today's."""
        now = self.register.password_hash(staff_number)
        past = self.tables.past_hashes(staff_number) if self.config.passwords == "mlps" else []
        return ([now] if now else []) + past[: policy.MLPS_PAST - 1]

    def set_password(
        self, staff_number: str, password_hash: str, by: str, *, must_change: bool = False
    ) -> None:
        """Keep the hash of a new password; all sign-ins with the old one end.

        ``must_change`` when somebody else knows it: it is changed at the first sign-in.
        """
        with self.store.transaction():
            if old := self.register.password_hash(staff_number):
                self.tables.add_past_hash(staff_number, old, policy.MLPS_PAST)
            self.register.set_password_hash(staff_number, password_hash, by)
            self.tables.save_password_known(staff_number, self.clock(), must_change)
            if must_change:
                # whoever gives a password has seen the person: the wait ends, and an old PIN too
                self.tables.forget_counts(staff_number)
                self.tables.drop_pin(staff_number)

    def set_anew(
        self, staff_number: str, password_hash: str, by: str, *, must_change: bool
    ) -> bool:
        """Let a person begin anew: password, no wait, no second factor; return whether one went.

        For whoever may run commands on the server: the way back for an only administrator.
        """
        with self.store.transaction():
            self.set_password(staff_number, password_hash, by, must_change=must_change)
            self.tables.forget_counts(staff_number)
            freed = self.tables.drop_factor(staff_number)
            if freed:
                detail = {"person": staff_number}
                self.store.note(self.clock(), "second_factor_reset", who=by, detail=detail)
        return freed

    # -- a window's lock ------------------------------------------------------------------------

    def pin_hash(self, staff_number: str) -> str | None:
        """Return the hash of a person's PIN, None without one."""
        return self.tables.pin_hash(staff_number)

    def set_pin(self, staff_number: str, pin_hash: str | None) -> None:
        """Keep the hash of a person's PIN, or forget it."""
        with self.store.transaction():
            if pin_hash is None:
                self.tables.drop_pin(staff_number)
            else:
                self.tables.save_pin(staff_number, pin_hash, self.clock())
            self.store.note(self.clock(), "pin_set", who=staff_number)

    def is_locked(self, mark: str) -> bool:
        """Return whether a sign-in is locked; asked at every request, so from memory."""
        return mark in self._locks

    def lock(self, marks: Mapping[str, str]) -> None:
        """Lock sign-ins, each with who is meant; locking twice is locking once."""
        with self.store.transaction():
            for mark, person in marks.items():
                self.tables.lock(mark, person, self.clock())
            self.store.after_commit(self._read_locks)

    def tries_left(self, mark: str) -> int:
        """Return how many PINs may still be tried."""
        return max(0, pins.TRIES - self._locks.get(mark, 0))

    def try_pin(self, mark: str) -> int:
        """Count a PIN before it is compared; return how many tries are left after it.

        A locked sign-in without any left stays locked: its person signs in anew. NotAllowed
        ``locked_out`` for one try more.
        """
        if not self.tries_left(mark):
            raise NotAllowed("locked_out", "PIN 连续输错，请重新登录。")
        with self.store.transaction():
            self.tables.count_wrong_pin(mark)
            self.store.after_commit(self._read_locks)
        return self.tries_left(mark)

    def unlock_sign_ins(self, marks: Iterable[str]) -> None:
        """Unlock sign-ins: the PIN or the password was right."""
        with self.store.transaction():
            for mark in marks:
                self.tables.unlock(mark)
            self.store.after_commit(self._read_locks)

    def _read_locks(self) -> None:
        self._locks = self.tables.locks()

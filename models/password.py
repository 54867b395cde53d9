"""密码: what a password must be like, and how one is judged without holding up anybody else.

Hashing takes some tens of milliseconds on purpose, so it is done here, on plain values, while no transaction is open.
"""

import secrets
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from models.refusal import Invalid
from models.texts import N_

SHORTEST, LONGEST = 10, 128
CLASSES = 3  # of small letters, capitals, digits, others
ALPHABETS = (
    "abcdefghijkmnpqrstuvwxyz",
    "ABCDEFGHJKLMNPQRSTUVWXYZ",
    "23456789",
    "-+=@#%",
)  # none that look alike on paper

# argon2id at OWASP's advised cost: a whole city signs in at nine o'clock, perhaps on two cores.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hashing = BoundedSemaphore(4)  # so that a burst of guesses takes neither all memory nor all threads


@dataclass(frozen=True)
class Attempt:
    """One try at a lock, judged: `right` when the password fits the hash that was read."""

    account_id: int | None
    password_hash: str
    right: bool


@dataclass(frozen=True)
class Lock:
    """What is needed to judge a password; `nobodys_lock()` takes as long as a real one and never opens."""

    account_id: int | None
    login: str
    password_hash: str
    spent: tuple[str, ...] = ()

    def try_key(self, password: str) -> Attempt:
        """The judgement of a password."""
        fits = _fits(self.password_hash, password)
        return Attempt(self.account_id, self.password_hash, fits and self.account_id is not None)

    def new_key(self, password: str) -> str:
        """The hash of a new password; raises Invalid with the rule it breaks."""
        check_password(password, self.login)
        if any(_fits(old, password) for old in (self.password_hash, *self.spent)):
            raise _refused(N_("不能与最近 5 次用过的密码相同。"))
        return hashed(password)


def check_password(password: str, login: str) -> None:
    """Raises Invalid for a password that is too short, too long, too plain, or holds the login."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _refused(N_("密码须有 10 至 128 个字符。"))
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum() or not c.isascii())
    if sum(any(map(test, password)) for test in tests) < CLASSES:
        raise _refused(N_("密码须含小写字母、大写字母、数字、符号中的至少三类。"))
    if login and login in password.casefold():
        raise _refused(N_("密码不能包含账号。"))


def hashed(password: str) -> str:
    """The argon2id hash of a password, with its salt and cost."""
    with _hashing:
        return _hasher.hash(password)


def invented_password() -> str:
    """A random password of 16 characters that meets our own rules."""
    letters = [secrets.choice(kind) for kind in ALPHABETS]
    letters += [secrets.choice("".join(ALPHABETS[:3])) for _ in range(12)]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def nobodys_lock() -> Lock:
    """The lock of a login that does not exist."""
    return Lock(None, "", _nobodys_hash())


@cache
def _nobodys_hash() -> str:
    return hashed(secrets.token_urlsafe(32))


def _fits(password_hash: str, password: str) -> bool:
    with _hashing:
        try:
            # What is longer than any password of ours is cut, so that nobody makes us hash a book.
            return _hasher.verify(password_hash, password[: LONGEST + 1])
        except VerificationError:
            return False


def _refused(problem: str) -> Invalid:
    return Invalid(N_("填写有误"), fields={"password": problem})

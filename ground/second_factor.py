"""A second factor at the log-in: codes of an app on the phone (RFC 6238), and ten others for when it is lost."""

import base64
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ground.access import Scope
from ground.models import Organisation, SecondFactor, User

SECONDS, DIGITS = 30, 6
# Phones and servers may differ by a step either way.
STEPS = (-1, 0, 1)
CODES = 10
# Without letters that look like others.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step, as every such app computes it."""
    digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def secret_of(factor: SecondFactor) -> bytes:
    """Twenty bytes from a key outside the database: a copy of the database alone makes no code."""
    return salted_hmac("ground.second_factor", factor.salt, secret=settings.LINK_KEY, algorithm="sha256").digest()[:20]


def begin(user: User) -> SecondFactor:
    """A new secret that holds once a code of it was typed in; the one in use goes on until then."""
    return SecondFactor(user=user, salt=secrets.token_hex(16))


def typed(factor: SecondFactor) -> str:
    """The secret as people type it into the app when it cannot read the picture."""
    return base64.b32encode(secret_of(factor)).decode()


def address(factor: SecondFactor) -> str:
    """What the picture says to the app."""
    issuer = Organisation.current().name
    label = quote(f"{issuer}:{factor.user.email}", safe="@:")
    return f"otpauth://totp/{label}?" + urlencode({"secret": typed(factor), "issuer": issuer}, quote_via=quote)


def of(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).first()


@transaction.atomic
def confirm(factor: SecondFactor, code: str) -> list[str] | None:
    """Put it into use with its first code; returns the codes for later, shown this once, None when it is wrong."""
    step = _step_of(factor, code)
    if step is None:
        return None
    SecondFactor.objects.filter(user=factor.user).delete()
    factor.last_step, factor.confirmed_at = step, timezone.now()
    codes = _new_codes(factor)
    factor.save()
    return codes


def renew_codes(factor: SecondFactor) -> list[str]:
    """Ten other codes in place of those that were not used."""
    codes = _new_codes(factor)
    factor.save(update_fields=["codes"])
    return codes


@transaction.atomic
def passes(user: User, typed_in: str) -> bool:
    """Whether the code is right and fresh. Each is taken once, whichever of many processes looks."""
    factor = SecondFactor.objects.select_for_update().filter(user=user).exclude(confirmed_at=None).first()
    if factor is None:
        return False
    code = "".join(typed_in.lower().split()).replace("-", "")[:40]
    step = _step_of(factor, code)
    if step is not None:
        later = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step)
        return bool(later.update(last_step=step))
    mark = _hash(factor, code)
    if mark not in factor.codes:
        return False
    factor.codes.remove(mark)
    factor.save(update_fields=["codes"])
    return True


def has_to(scope: Scope) -> bool:
    """Whether the organisation asks people of one of these roles for a second factor."""
    asked = Organisation.current().second_factor_roles
    return any(role in asked for role in (scope.whole, *(role for _team, role in scope.teams)))


def _step_of(factor: SecondFactor, code: str) -> int | None:
    code = "".join(code.split())
    if len(code) != DIGITS or not code.isascii():
        return None
    now = int(timezone.now().timestamp()) // SECONDS
    right = [now + more for more in STEPS if hmac.compare_digest(code_at(secret_of(factor), now + more), code)]
    return right[0] if right else None


def _new_codes(factor: SecondFactor) -> list[str]:
    codes = ["".join(secrets.choice(LETTERS) for _letter in range(10)) for _code in range(CODES)]
    factor.codes = [_hash(factor, code) for code in codes]
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _hash(factor: SecondFactor, code: str) -> str:
    return salted_hmac(f"ground.code.{factor.salt}", code, secret=settings.LINK_KEY, algorithm="sha256").hexdigest()

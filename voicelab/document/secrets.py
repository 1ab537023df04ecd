"""What must not be shown: keys that stand where the name of one was asked for.

A key is named by the environment variable that holds it, and who mistakes the one for
the other must not find the key in a log. So a name that is none, or that looks like a
key, is never repeated. The looks are those of keys in use: a short prefix such as `sk-`
or `hf_`, or twenty and more letters and digits as chance mixes them.
"""

from __future__ import annotations

import re

from voicelab.errors import InputError

VARIABLE_NAME = r"^(?!sk_)[A-Za-z_][A-Za-z0-9_]*$"
"""The pattern of an environment variable's name (POSIX, 8.1, and lower case); without
what begins as many keys do."""

HIDDEN = "hidden"
"""The key of `Meta.extra` under which a field says why its value is never shown."""

NOT_SHOWN = "it is not shown, as it may be a key"

_FIX = "give the name of the variable that holds the key"
_URL_WITH_MORE = re.compile(r"\s*\w+://[^/]*@|\s*\w+://.*[?#]")
_PREFIXED = re.compile(r"\s*((sk|pk|rk|ek|gsk|hf|xai|ghp)[-_]|AIza)")
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[a-z])([A-Za-z0-9]{20,}|(?=.*[A-Z])\w{20,})")


def may_be_key(text: str) -> bool:
    """Tell whether a text begins as keys do, or is a URL with room for one."""
    return any(pattern.match(text) for pattern in (_PREFIXED, _URL_WITH_MORE))


def is_variable_name(name: str) -> bool:
    """Tell whether a text can be the name of an environment variable, and no key."""
    return re.fullmatch(VARIABLE_NAME, name) is not None


def check_variable_name(name: str, option: str) -> None:
    """Check the name of the environment variable that holds a key.

    Args:
        name: what was given for it.
        option: the option that it was given with.

    Raises:
        InputError: it is no name; what was given is not repeated.
    """
    if not is_variable_name(name):
        raise InputError(
            f"the value given is no name of an environment variable ({NOT_SHOWN})",
            path=option,
            fix=_FIX,
        )


def variable_in_words(name: str) -> str:
    """Return `the environment variable NAME`, or that its name is not shown."""
    looks_like_key = may_be_key(name) or _RANDOM.fullmatch(name)
    if is_variable_name(name) and not looks_like_key:
        return f"the environment variable {name}"
    return f"the environment variable that is named ({NOT_SHOWN})"


def setting_in_words(setting: str) -> str:
    """Return a setting `path=value` for an error: without what may be a key."""
    name, equals, value = setting.partition("=")
    if may_be_key(name):
        return "…"
    if equals and (may_be_key(value) or "key" in name.lower()):
        return f"{name}=…"
    return setting

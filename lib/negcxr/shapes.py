"""The shape check that every public array function carries, in notebooks as in tests."""

from beartype import beartype
from jaxtyping import jaxtyped

checked = jaxtyped(typechecker=beartype)

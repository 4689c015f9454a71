"""``python -m reidkit.cli``: what ``accelerate launch -m`` starts."""

from reidkit.cli import main

main()

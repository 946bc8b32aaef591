"""`python -m ui ADDRESS NAME`: see `ui.rows`."""

import sys

from ui.rows import main

sys.exit(main())

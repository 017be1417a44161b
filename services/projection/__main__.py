"""`python -m services.projection`."""

from services.projection.main import main

raise SystemExit(main())

"""`python -m services.ingest`"""

import sys

from services.ingest.main import main

if __name__ == "__main__":
    sys.exit(main())

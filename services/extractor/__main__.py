"""`python -m services.extractor`"""

import sys

from services.extractor.main import main

if __name__ == "__main__":
    sys.exit(main())

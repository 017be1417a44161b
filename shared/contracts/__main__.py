"""`python -m shared.contracts`"""

from shared.contracts.generate import main

if __name__ == "__main__":
    main()

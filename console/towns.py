"""Write `data/labels.json`, the names on the console's map, from the extractor's gazetteer.

    python console/towns.py

Towns of `POPULATION_MIN` and more, countries, regions and seas. GeoNames data is CC BY 4.0; the page says so.
"""

import json
import sqlite3
from pathlib import Path
from typing import Final

from services.extractor.gazetteer import DEFAULT_PATH

POPULATION_MIN: Final = 25_000
"""About 18,000 towns in 0.6 MB: every place of a size that a reader orients by, when zoomed in on a province."""
DEGREE_DIGITS: Final = 3
"""A hundred metres, which is less than a pixel at the map's closest."""
TARGET: Final = Path(__file__).parent / "data" / "labels.json"


def main() -> None:
    database = sqlite3.connect(f"{DEFAULT_PATH.as_uri()}?mode=ro&immutable=1", uri=True)

    def rows(where: str) -> list[list[object]]:
        query = f"SELECT name, lat, lon, max(population) FROM place WHERE {where} GROUP BY name, lat, lon"
        found = database.execute(f"{query} ORDER BY population DESC, name, lat")
        return [
            [name, round(lat, DEGREE_DIGITS), round(lon, DEGREE_DIGITS), people] for name, lat, lon, people in found
        ]

    towns = rows(f"kind IN ('city', 'capital', 'town') AND population >= {POPULATION_MIN} AND lat IS NOT NULL")
    seen: set[tuple[object, int, int]] = set()
    unique = []
    for name, lat, lon, people in towns:
        assert isinstance(lat, float)
        assert isinstance(lon, float)
        where = (name, round(lat * 5), round(lon * 5))
        if where not in seen:
            seen.add(where)
            unique.append([name, lat, lon, people])
    labels = {
        "source": "GeoNames, CC BY 4.0",
        "countries": [row[:3] for row in rows("kind = 'country' AND lat IS NOT NULL")],
        "regions": [row[:3] for row in rows("kind = 'region' AND lat IS NOT NULL")],
        "seas": [row[:3] for row in rows("kind = 'sea' AND lat IS NOT NULL")],
        "towns": unique,
    }
    TARGET.write_text(json.dumps(labels, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print({name: len(value) for name, value in labels.items()}, TARGET.stat().st_size)


if __name__ == "__main__":
    main()

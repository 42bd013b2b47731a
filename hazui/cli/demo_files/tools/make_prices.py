"""Writes build/prices.json from prices.csv."""

import csv
import json
from pathlib import Path

with Path("prices.csv").open() as file:
    prices = {row["name"]: float(row["price"]) for row in csv.DictReader(file)}
Path("build").mkdir(exist_ok=True)
Path("build/prices.json").write_text(json.dumps(prices, indent=2) + "\n")
print(f"{len(prices)} prices")

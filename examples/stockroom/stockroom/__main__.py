"""The command line: `python3 -m stockroom FILE`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stockroom.report import table
from stockroom.stock import StockError, read_stock


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="stockroom", description="Reports on a stock list.")
    parser.add_argument("file", type=Path, help="the stock list, a CSV file")
    options = parser.parse_args(arguments)
    try:
        stock = read_stock(options.file)
    except (OSError, StockError) as error:
        print(f"stockroom: {error}", file=sys.stderr)
        return 1
    print(table(stock))
    print(f"Total value: {stock.total_value():.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The container's health check: does the web process answer? Standard library only, so it is cheap."""

import os
import sys
import urllib.request


def main() -> int:
    """Answer 0 when it does."""
    url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health/live"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=4) as response:
            return 0 if response.status == 200 else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())

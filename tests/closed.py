"""That a page asks for nothing from outside, and lets no script run but its own."""

import base64
import hashlib
import re


def loads_nothing(html: str) -> bool:
    """Whether all that the page shows is in it, and its policy forbids anything else."""
    shown = set(re.findall(r'\b(?:src|data)="([^:"]*)', html))
    outside = [word for word in ("@import", "url(") if word in html]
    return "default-src 'none'" in html and shown == {"data"} and not outside


def runs_its_own_script_alone(html: str) -> bool:
    """Whether the page has one script, and its policy that script's hash and no other."""
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    allowed = re.findall(r"script-src ([^;]*);", policy)
    return len(scripts) == 1 and allowed == [f"'sha256-{hashes[0]}'"]

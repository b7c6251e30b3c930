"""axe-core's rules for WCAG 2 A and AA on a page as it stands (vendored, MPL-2.0)."""

from pathlib import Path

from playwright.async_api import Page

_AXE = Path(__file__).parent / "vendor" / "axe-core-4.10.3" / "axe.min.js"
_RUN = """async () => {
  const found = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]});
  return found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}"""


async def violations(page: Page) -> list[str]:
    """Return what axe finds on *page*: rule, element and what would mend it."""
    # The page's own policy forbids foreign script; the debugger's evaluation is not bound by it.
    await page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(_RUN)
    return found

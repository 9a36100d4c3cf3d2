import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe finds wrong in a page as it is shown now: the rules of WCAG 2.2 AA and of good practice, or `only` those named. */
export async function barriers(page: Page, only?: readonly string[]): Promise<string[]> {
  // Through the debugger: a strict policy of content lets no page load it.
  await page.evaluate(axe.source);
  const options = { resultTypes: ["violations" as const], ...(only && { runOnly: [...only] }) };
  const { violations } = await page.evaluate((given) => (window as unknown as { axe: typeof axe }).axe.run(given), options);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}

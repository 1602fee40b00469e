import type { Locator } from 'playwright-core';
import type { Workbench } from './workbench.ts';

/** Opens a group of the queue. An update of the tree may discard a click. */
export async function unfold(workbench: Workbench, group: Locator, inside: Locator): Promise<void> {
  await group.waitFor();
  await workbench.until('the group to open', async () => {
    if (await inside.isVisible()) return true;
    if ((await group.getAttribute('aria-expanded')) !== 'true') await group.click();
    // A mouse that stays brings a hover, which lies over the next row.
    await workbench.page.mouse.move(900, 300);
    return inside.waitFor({ timeout: 300 }).then(
      () => true,
      () => false,
    );
  });
}

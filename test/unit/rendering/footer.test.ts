// @vitest-environment happy-dom
import { render, type TemplateResult } from 'lit';
import { expect, test } from 'vitest';
import { footerView as calibrateFooter } from '../../../webview/calibrate/frame.ts';
import { footerView as workbenchFooter } from '../../../webview/workbench/frame.ts';

const quiet = document.createElement('span');
const act = (): undefined => undefined;
const snapshot = { report: null } as Parameters<typeof calibrateFooter>[0];
const bench = { running: false, problem: null, trusted: true } as Parameters<typeof workbenchFooter>[0];

/** Toasts of VS Code cover the right end of a page's footer. */
test.each<[string, TemplateResult]>([
  ['calibration', calibrateFooter(snapshot, quiet, act)],
  ['the result of a calibration', calibrateFooter({ ...snapshot, report: {} as never }, quiet, act)],
  ['the workbench', workbenchFooter(bench, undefined, quiet, act)],
])('the footer of %s has no button at its right end', (_page, view) => {
  const foot = document.createElement('footer');
  render(view, foot);
  expect(foot.lastElementChild?.className).toBe('grow');
});

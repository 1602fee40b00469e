// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';
import { Host } from '../../../webview/review/host.ts';

test('an unsaved edit is kept from the state of an earlier version, which had no query', () => {
  const draft = { chainId: 'c1', start: 0, end: 4, base: 'text', value: 'edited' };
  const state = { dataset: 'file:///d', facet: { facet: 'class', value: 'FT' }, chainId: 'c1', top: 12, draft };
  vi.stubGlobal('acquireVsCodeApi', () => ({ getState: () => state }));
  expect(new Host().saved()).toEqual({ dataset: 'file:///d', query: [], chainId: 'c1', top: 12, draft });
});

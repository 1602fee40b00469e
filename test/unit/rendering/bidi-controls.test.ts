// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { replaceBidiControls } from '../../../webview/ui/bidi-controls.ts';

/** After the observers were called. */
const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

test('bidirectional control characters are shown as such, at the same places', async () => {
  const page = document.createElement('div');
  page.innerHTML = '<p>first \u202e<b>second\u2067</b></p>';
  replaceBidiControls(page);
  expect(page.textContent).toBe('first \ufffdsecond\ufffd');

  const later = document.createElement('div');
  later.innerHTML = '<code>\u2066third</code>';
  page.append(later);
  const text = document.createTextNode('fourth');
  page.append(text);
  await settled();
  text.data = 'fourth \u202d\u202c';
  await settled();
  expect(page.textContent).toBe('first \ufffdsecond\ufffd\ufffdthirdfourth \ufffd\ufffd');
});

test('text from right to left keeps its own marks', () => {
  const page = document.createElement('div');
  page.textContent = 'שלום\u200f! \u061cمرحبا';
  replaceBidiControls(page);
  expect(page.textContent).toBe('שלום\u200f! \u061cمرحبا');
});

test('a text of many controls is changed once', async () => {
  const page = document.createElement('div');
  page.textContent = 'a\u202e'.repeat(10_000);
  let changes = 0;
  new MutationObserver((seen) => {
    changes += seen.length;
  }).observe(page, { characterData: true, subtree: true });
  replaceBidiControls(page);
  await settled();
  expect(page.textContent).toBe('a\ufffd'.repeat(10_000));
  expect(changes).toBe(1);
});

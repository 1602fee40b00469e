// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { showDirections } from '../../../webview/ui/directions.ts';

/** After the observers were called. */
const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

test('characters that turn text around are shown as such, at the same places', async () => {
  const page = document.createElement('div');
  page.innerHTML = '<p>first \u202e<b>second\u2067</b></p>';
  showDirections(page);
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
  showDirections(page);
  expect(page.textContent).toBe('שלום\u200f! \u061cمرحبا');
});

import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFromPage } from '../../../src/models/starter/http.ts';

/** An endpoint without a token must not answer a page that is open in a browser. */
describe('isFromPage', () => {
  const server = createServer((incoming, response) => response.end(String(isFromPage(incoming))));
  let port = 0;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  const asked = (headers: Record<string, string>): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, headers }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      });
      sent.once('error', reject).end();
    });

  test.each([
    ['a program on this machine', {}, 'false'],
    ['by the name localhost', { host: 'localhost:8440' }, 'false'],
    ['by IPv6', { host: '[::1]:8440' }, 'false'],
    ['a page of another site', { origin: 'https://example.org' }, 'true'],
    ['a page without an origin', { origin: 'null' }, 'true'],
    ['a browser that sends Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }, 'true'],
    ['a host name rebound to this machine', { host: 'rebound.example.org:8440' }, 'true'],
    ['a broken name', { host: ':' }, 'true'],
  ])('%s', async (_what, headers, expected) => {
    expect(await asked(headers)).toBe(expected);
  });

  test('fetch of Node is not a page', async () => {
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('false');
  });
});

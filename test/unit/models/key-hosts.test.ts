import { expect, test } from 'vitest';
import { isKeyHost, keyHosts, setKeyHost } from '../../../src/models/environment-key.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('hosts that several windows confirm at the same time are all kept', async () => {
  const cache = await temporaryFolder();
  const urls = Array.from({ length: 12 }, (_, n) => `https://host-${n}.example/v1`);
  await Promise.all(urls.map((url) => setKeyHost(url, true, cache)));
  expect(await keyHosts(cache)).toHaveLength(urls.length);
  await setKeyHost('https://host-3.example/v1', false, cache);
  expect(await isKeyHost('https://host-3.example/v1', cache)).toBe(false);
  expect(await keyHosts(cache)).toHaveLength(urls.length - 1);
});

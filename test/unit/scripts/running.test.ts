import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findRunning, recordRunning } from '../../../scripts/lib/running.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a second start finds the first by its record until the first ends', async () => {
  const home = await temporaryFolder();
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?folder=%2Fx`;
  expect(await findRunning(home)).toBeUndefined();
  const forget = await recordRunning(home, url);
  expect(await findRunning(home)).toEqual({ pid: process.pid, url });
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  expect(await findRunning(home)).toBeUndefined();
  await forget();
});

test.each(['{"pid":1', '{"pid":2147483646,"url":"http://127.0.0.1:1/"}', '{"pid":"x","url":"y"}'])(
  'the stale or incomplete record %s is ignored',
  async (text) => {
    const home = await temporaryFolder();
    await writeFile(join(home, 'running.json'), text);
    expect(await findRunning(home)).toBeUndefined();
  },
);

import { createServer } from 'node:net';

/** A port of the loopback interface that is free now: `wanted` if it is. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', (error) => (wanted === 0 ? fail(error) : freePort().then(done, fail)));
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : wanted));
    });
  });
}

import { createServer } from 'node:net';

/** A free port of the loopback interface: `preferred` if it is free. */
export function freePort(preferred = 0): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', (error) => (preferred === 0 ? fail(error) : freePort().then(done, fail)));
    probe.listen(preferred, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : preferred));
    });
  });
}

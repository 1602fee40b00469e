import { createServer } from 'node:net';
import { ServingError } from './errors.ts';

/**
 * A port of this machine that nothing listens on now.
 * @param asked must be this one.
 * @param usual is taken where it is free.
 * @param willBeFree count as free.
 * @throws ServingError when the one that was asked for is taken.
 */
export async function freePort(
  asked: number | undefined,
  usual: number,
  willBeFree: readonly number[] = [],
): Promise<number> {
  const wanted = asked ?? usual;
  if (willBeFree.includes(wanted) || (await tryPort(wanted))) return wanted;
  if (asked !== undefined) {
    throw new ServingError(
      `Port ${asked} is taken.`,
      'Give another one with --port, or none: a free one is taken then.',
    );
  }
  const port = await tryPort(0);
  if (port === undefined) throw new ServingError('This machine has no free port.', 'End some of its servers.');
  return port;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

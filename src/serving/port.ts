import { createServer } from 'node:net';
import { UserError } from '../core/errors.ts';

/**
 * A free port of this machine.
 * @param requested the only acceptable port.
 * @param usual used if it is free.
 * @param willBeFree ports that count as free.
 * @throws UserError `serving` when the requested port is in use.
 */
export async function freePort(
  requested: number | undefined,
  usual: number,
  willBeFree: readonly number[] = [],
): Promise<number> {
  const preferred = requested ?? usual;
  if (willBeFree.includes(preferred) || (await tryPort(preferred))) return preferred;
  if (requested !== undefined) {
    throw new UserError(
      'serving',
      `Port ${requested} is in use.`,
      'Choose another one with --port, or omit --port to use a free one.',
    );
  }
  const port = await tryPort(0);
  if (port === undefined) throw new UserError('serving', 'This machine has no free port.', 'Stop some of its servers.');
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

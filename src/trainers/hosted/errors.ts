import { UserError } from '../../core/errors.ts';
import type { JobFailure } from '../../core/schemas/index.ts';

/**
 * `denied`: the key; `refused`: the request; `busy`: too many requests, or out of quota; `unreachable`: no answer or an incomplete one, so the effect
 * is unknown; `unclear`: it was done or may have been, which only the user can check there; `over`: the job has failed or was cancelled; `limit`: the
 * file is too large, or a wait too long.
 */
export type HostedProblem = 'denied' | 'refused' | 'busy' | 'unreachable' | 'unclear' | 'over' | 'limit';

export class HostedError extends UserError<HostedProblem> {
  readonly retryAfterMs: number | undefined;
  /** Whether certainly nothing was done. */
  readonly undone: boolean;

  constructor(
    kind: HostedProblem,
    message: string,
    advice: string,
    options?: ErrorOptions & { retryAfterMs?: number | undefined; undone?: boolean },
  ) {
    super(kind, message, advice, options);
    this.retryAfterMs = options?.retryAfterMs;
    this.undone = options?.undone ?? false;
  }
}

const MARK = 'LonghandHosted';
const KINDS: Readonly<Record<HostedProblem, JobFailure['kind']>> = {
  denied: 'no-access',
  refused: 'bad-config',
  busy: 'unknown',
  unreachable: 'unknown',
  unclear: 'unknown',
  over: 'unknown',
  limit: 'bad-config',
};

/** The log line of an error, which `hostedFailure` finds. */
export function hostedErrorLine({ kind, message, advice }: HostedError): string {
  return `${MARK}: ${JSON.stringify({ problem: kind, message, advice })}`;
}

/** The failure in the log of a hosted job. */
export function hostedFailure(log: string): JobFailure | undefined {
  const line = [...log.matchAll(new RegExp(`^${MARK}: (\\{.*\\})$`, 'gm'))].at(-1)?.[1];
  if (line === undefined) return undefined;
  try {
    const { problem, message, advice } = JSON.parse(line) as Record<string, unknown>;
    if (typeof message !== 'string' || typeof advice !== 'string') return undefined;
    const kind = Object.hasOwn(KINDS, String(problem)) ? KINDS[problem as HostedProblem] : 'unknown';
    return { kind, message, advice };
  } catch {
    return undefined;
  }
}

import type { JobFailure } from '../../core/model/index.ts';

/**
 * `denied`: the key; `refused`: what was asked for; `busy`: too many requests, or out of quota; `unreachable`: no answer, or one that was cut, so
 * that nobody knows whether it was done; `unclear`: it was done, or perhaps, and only a person who looks there can tell more; `over`: the job at the
 * host is failed or cancelled; `limit`: the file is too large, or a wait too long.
 */
export type HostedProblem = 'denied' | 'refused' | 'busy' | 'unreachable' | 'unclear' | 'over' | 'limit';

export class HostedError extends Error {
  override readonly name = 'HostedError';
  readonly problem: HostedProblem;
  /** What the person can do. */
  readonly advice: string;
  readonly retryAfterMs: number | undefined;
  /** Whether it is certain that nothing was done. */
  readonly undone: boolean;

  constructor(
    problem: HostedProblem,
    message: string,
    advice: string,
    options?: ErrorOptions & { retryAfterMs?: number | undefined; undone?: boolean },
  ) {
    super(message, options);
    this.problem = problem;
    this.advice = advice;
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

/** How an error stands in the log of the job, for `hostedFailure` to find. */
export function hostedErrorLine({ problem, message, advice }: HostedError): string {
  return `${MARK}: ${JSON.stringify({ problem, message, advice })}`;
}

/** What the log of a hosted job says of its failure. */
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

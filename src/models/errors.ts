import { APIError, APIUserAbortError } from 'openai/error';
import { UserError } from '../core/errors.ts';
import { retryAfter } from '../core/models/retry-after.ts';
import { redactKey } from '../core/text/redact-key.ts';

export type ModelErrorKind =
  | 'auth'
  | 'not-found'
  | 'rate-limit'
  | 'timeout'
  | 'connection'
  | 'bad-request'
  | 'server'
  | 'malformed'
  /** The provider's content filter rejects the prompt. */
  | 'blocked'
  /** The window that provides the model is closed. */
  | 'closed'
  | 'cancelled';

/** A failed model call. Its message and advice never contain a key. */
export class ModelError extends UserError<ModelErrorKind> {
  /** The same call may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds the server asked to wait before the next try. */
  readonly retryAfterMs?: number;
  /** The server is overloaded; fewer concurrent requests may help. */
  readonly overload: boolean;

  constructor(
    kind: ModelErrorKind,
    message: string,
    options: { advice: string; retryable?: boolean; retryAfterMs?: number | undefined; overload?: boolean },
  ) {
    super(kind, message, options.advice);
    this.retryable = options.retryable ?? RETRYABLE.has(kind);
    this.overload = options.overload ?? (kind === 'rate-limit' || kind === 'timeout');
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** Code of a bridge's error: VS Code does not let Longhand call this model now, or at all. */
export const WINDOW_REFUSED = 'window_refused';

const RETRYABLE: ReadonlySet<ModelErrorKind> = new Set(['rate-limit', 'timeout', 'connection', 'server', 'malformed']);

/** The part of a call that error messages need. */
export interface Endpoint {
  baseURL: string;
  model?: string;
  apiKey?: string | undefined;
  /** Why no key was sent although there is one; see `withheldKey`. */
  withheld?: string | undefined;
}

/** Converts an error of the SDK or a socket to a `ModelError`, and removes the key from its texts. */
export function toModelError(error: unknown, endpoint: Endpoint): ModelError {
  if (error instanceof ModelError) return withoutKey(error, endpoint.apiKey);
  if (error instanceof APIUserAbortError) return cancelled();
  if (error instanceof APIError) {
    const status = statusOf(error);
    if (status !== undefined) return fromStatus(status, error, endpoint);
    if (error.error !== undefined) {
      return new ModelError('server', `The server interrupted the reply: ${serverMessage(error, endpoint)}`, {
        advice: `Check the log of the server at ${endpoint.baseURL}.`,
      });
    }
  }
  return fromSocket(error, endpoint);
}

function withoutKey(error: ModelError, apiKey: string | undefined): ModelError {
  const [message, advice] = [redactKey(error.message, apiKey), redactKey(error.advice, apiKey)];
  if (message === error.message && advice === error.advice) return error;
  const { kind, retryable, retryAfterMs, overload } = error;
  return new ModelError(kind, message, { advice, retryable, retryAfterMs, overload });
}

/** The error of a call whose signal was aborted by its caller. */
export function cancelled(): ModelError {
  return new ModelError('cancelled', 'The call was cancelled.', { advice: 'Start it again to continue.' });
}

/** The error for a reply of more than `most` bytes; not retried, since the next would be as large. */
export function tooLarge(most: number): ModelError {
  return new ModelError('malformed', `The reply is larger than ${Math.round(most / 1e4) / 100} MB.`, {
    advice: 'Lower maxTokens, or raise calls.maxReplyMB in longhand.json.',
    retryable: false,
  });
}

/** The error for a reply that is not one of the OpenAI API. */
export function malformed(what: string, endpoint: Endpoint): ModelError {
  return new ModelError('malformed', `The reply could not be read: ${what}.`, {
    advice: `Is ${endpoint.baseURL} the base URL of an OpenAI-compatible server, up to and including /v1?`,
  });
}

/** An error inside a stream has no HTTP status of its own; some servers put it into `code`. */
function statusOf(error: APIError): number | undefined {
  if (error.status !== undefined) return error.status;
  const code: unknown = error.code;
  return typeof code === 'number' && code >= 400 && code < 600 ? code : undefined;
}

function fromStatus(status: number, error: APIError, endpoint: Endpoint): ModelError {
  const reason = serverMessage(error, endpoint);
  const retryAfterMs = retryAfter((name) => error.headers?.get(name));
  const { baseURL } = endpoint;
  const model = endpoint.model === undefined ? 'the model' : `model ${JSON.stringify(endpoint.model)}`;
  if (error.code === WINDOW_REFUSED) {
    return new ModelError('auth', reason, {
      advice:
        'Allow it in VS Code, wait until it is allowed again, or choose another model with “Longhand: Manage Models…”.',
    });
  }
  // Without the server's message, which may quote the key.
  if (status === 401 || status === 403) {
    const did = endpoint.apiKey ? 'refused the key' : 'requires a key';
    return new ModelError('auth', `The server at ${baseURL} ${did} (${status}).`, {
      advice:
        endpoint.withheld ??
        `Set the key with Longhand: Manage Models…, or in LONGHAND_API_KEY (“longhand --help” describes which hosts receive it), and check that it may use ${model}.`,
    });
  }
  if (status === 402 || error.code === 'insufficient_quota') {
    return new ModelError('auth', `The account has no credit left (${status}): ${reason}`, {
      advice: 'Add credit to the account of this key, or choose another endpoint with “Longhand: Manage Models…”.',
    });
  }
  if (error.code === 'content_filter') {
    return new ModelError('blocked', `The content filter of the provider blocked the prompt (${status}): ${reason}`, {
      advice: 'Nothing was charged. Change the prompt, or choose another endpoint with “Longhand: Manage Models…”.',
    });
  }
  if (status === 404) {
    return new ModelError('not-found', `${baseURL} does not have ${model} (404): ${reason}`, {
      advice: 'Check the URL (it usually ends in /v1) and the model name with “Longhand: Manage Models…”.',
    });
  }
  if (status === 429) {
    return new ModelError('rate-limit', `The server is at its limit (429): ${reason}`, {
      advice: 'Lower the number of requests in flight (dialogue.concurrency), or wait.',
      retryAfterMs,
    });
  }
  if (status === 408 || status === 504) {
    return new ModelError('timeout', `The server timed out (${status}): ${reason}`, {
      advice: `Is the server at ${baseURL} overloaded? Fewer requests in flight or a smaller maxTokens help.`,
      retryAfterMs,
    });
  }
  if (status >= 500) {
    return new ModelError('server', `The server failed (${status}): ${reason}`, {
      advice: `Check the log of the server at ${baseURL}.`,
      retryable: status !== 501,
      overload: status === 503 || status === 529,
      retryAfterMs,
    });
  }
  if (status >= 300 && status < 400) {
    return new ModelError('bad-request', `The server redirects the call (${status}), which is not followed.`, {
      advice: 'Set the final URL with “Longhand: Manage Models…”.',
    });
  }
  return new ModelError('bad-request', `The server refused the request (${status}): ${reason}`, {
    advice:
      'Check the message of the server. Most often the prompt is too long for the model, or a setting is out of range.',
    retryable: status === 409 || status === 425,
  });
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|HOSTNAME/;

function fromSocket(error: unknown, endpoint: Endpoint): ModelError {
  const { baseURL } = endpoint;
  const code = socketCode(error);
  if (code === 'ECONNREFUSED') {
    return new ModelError('connection', `Nothing answers at ${baseURL}.`, {
      advice: 'Is the server running? Start it, or choose another one with “Longhand: Manage Models…”.',
    });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ModelError('connection', `The host of ${baseURL} is unknown.`, {
      advice: 'Check the spelling of the URL and the network.',
    });
  }
  if (code !== undefined && CERTIFICATE.test(code)) {
    return new ModelError('connection', `The certificate of ${baseURL} is not trusted (${code}).`, {
      advice: 'Set NODE_EXTRA_CA_CERTS to the file of your certificate authority, and start again.',
      retryable: false,
    });
  }
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL')) {
    return new ModelError('connection', `${baseURL} does not speak TLS.`, {
      advice: 'If this is your own server, use http:// instead of https://.',
      retryable: false,
    });
  }
  if (code?.startsWith('HPE_')) return malformed('it is not HTTP', endpoint);
  if (error instanceof SyntaxError) return malformed('it is not JSON', endpoint);
  const what = redactKey(innermost(error), endpoint.apiKey);
  return new ModelError('connection', `The connection to ${baseURL} failed: ${what}`, {
    advice: `Is the server at ${baseURL} still running? Check its log.`,
  });
}

function socketCode(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}

function innermost(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return at instanceof Error ? at.message : String(at);
}

/** The server's message on one line, truncated for a notification. */
function serverMessage(error: APIError, endpoint: Endpoint): string {
  const line = error.message
    .replace(/^\d{3} /, '')
    .replace(/\s+/g, ' ')
    .trim();
  const clean = redactKey(line, endpoint.apiKey);
  return clean.length > 500 ? `${clean.slice(0, 500)}…` : clean;
}

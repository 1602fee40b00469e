import { APIError, APIUserAbortError } from 'openai/error';

export type ModelErrorKind =
  | 'auth'
  | 'not-found'
  | 'rate-limit'
  | 'timeout'
  | 'connection'
  | 'bad-request'
  | 'server'
  | 'malformed'
  /** What answers the calls was closed by a person, and may be opened again. */
  | 'closed'
  | 'cancelled';

/** A model call that failed: `message` says what happened, `advice` what a person can do about it. Neither ever holds a key. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly kind: ModelErrorKind;
  readonly advice: string;
  /** The same call may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds the server asked to wait before the next try. */
  readonly retryAfterMs?: number;
  /** The server has too much to do: fewer requests at once may help. */
  readonly overload: boolean;

  constructor(
    kind: ModelErrorKind,
    message: string,
    options: { advice: string; retryable?: boolean; retryAfterMs?: number | undefined; overload?: boolean },
  ) {
    super(message);
    this.kind = kind;
    this.advice = options.advice;
    this.retryable = options.retryable ?? RETRYABLE.has(kind);
    this.overload = options.overload ?? (kind === 'rate-limit' || kind === 'timeout');
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** Code of a bridge's error: VS Code lets Longhand not call this model, now or at all. */
export const WINDOW_REFUSED = 'window_refused';

const RETRYABLE: ReadonlySet<ModelErrorKind> = new Set(['rate-limit', 'timeout', 'connection', 'server', 'malformed']);

/** What an error needs to know of the call to say something useful. */
export interface Endpoint {
  baseURL: string;
  model?: string;
  apiKey?: string | undefined;
}

/** Turns whatever the SDK or a socket threw into a `ModelError`; a `ModelError` is passed through. */
export function toModelError(error: unknown, endpoint: Endpoint): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIUserAbortError) return cancelled();
  if (error instanceof APIError) {
    const status = statusOf(error);
    if (status !== undefined) return fromStatus(status, error, endpoint);
    if (error.error !== undefined) {
      return new ModelError('server', `The server broke off the reply: ${words(error, endpoint)}`, {
        advice: `Look at the log of the server at ${endpoint.baseURL}.`,
      });
    }
  }
  return fromSocket(error, endpoint);
}

/** The error of a call whose signal was aborted by its caller. */
export function cancelled(): ModelError {
  return new ModelError('cancelled', 'The call was cancelled.', { advice: 'Start it again when you want it.' });
}

/** The error of a reply that is not what the OpenAI API prescribes. */
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
  const said = words(error, endpoint);
  const retryAfterMs = retryAfter(error.headers);
  const { baseURL } = endpoint;
  const model = endpoint.model === undefined ? 'the model' : `model ${JSON.stringify(endpoint.model)}`;
  if (error.code === WINDOW_REFUSED) {
    return new ModelError('auth', said, {
      advice:
        'Allow it in VS Code, wait until it is allowed again, or choose another model with “Longhand: Select Model…”.',
    });
  }
  // A server that says that a key is wrong likes to quote it, so its words are left out.
  if (status === 401 || status === 403) {
    const did = endpoint.apiKey ? 'refused the key' : 'wants a key';
    return new ModelError('auth', `The server at ${baseURL} ${did} (${status}).`, {
      advice: `Set the key with Longhand: Select Model…, or in LONGHAND_API_KEY (“longhand --help” says to which hosts that goes), and see that it may use ${model}.`,
    });
  }
  if (status === 402 || error.code === 'insufficient_quota') {
    return new ModelError('auth', `The account has no credit left (${status}): ${said}`, {
      advice: 'Add credit to the account of this key, or choose another endpoint with “Longhand: Select Model…”.',
    });
  }
  if (status === 404) {
    return new ModelError('not-found', `${baseURL} does not know ${model} (404): ${said}`, {
      advice: 'Check the URL (it usually ends in /v1) and the model name with “Longhand: Select Model…”.',
    });
  }
  if (status === 429) {
    return new ModelError('rate-limit', `The server is at its limit (429): ${said}`, {
      advice: 'Lower the number of requests in flight (dialogue.concurrency), or wait.',
      retryAfterMs,
    });
  }
  if (status === 408 || status === 504) {
    return new ModelError('timeout', `The server gave up on the request (${status}): ${said}`, {
      advice: `Is the server at ${baseURL} overloaded? Fewer requests in flight or a smaller maxTokens help.`,
      retryAfterMs,
    });
  }
  if (status >= 500) {
    return new ModelError('server', `The server failed (${status}): ${said}`, {
      advice: `Look at the log of the server at ${baseURL}.`,
      retryable: status !== 501,
      overload: status === 503 || status === 529,
      retryAfterMs,
    });
  }
  if (status >= 300 && status < 400) {
    return new ModelError('bad-request', `The server sends the call elsewhere (${status}), which is not followed.`, {
      advice: 'Give the final URL with “Longhand: Select Model…”.',
    });
  }
  return new ModelError('bad-request', `The server refused the request (${status}): ${said}`, {
    advice:
      'Read what the server says: most often the prompt is too long for the model, or a setting is out of its range.',
    retryable: status === 409 || status === 425,
  });
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|HOSTNAME/;

function fromSocket(error: unknown, endpoint: Endpoint): ModelError {
  const { baseURL } = endpoint;
  const code = socketCode(error);
  if (code === 'ECONNREFUSED') {
    return new ModelError('connection', `Nothing answers at ${baseURL}.`, {
      advice: 'Is the server running? Start it, or choose another one with “Longhand: Select Model…”.',
    });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ModelError('connection', `The host of ${baseURL} is not known.`, {
      advice: 'Check the spelling of the URL and the network.',
    });
  }
  if (code !== undefined && CERTIFICATE.test(code)) {
    return new ModelError('connection', `The certificate of ${baseURL} is not trusted (${code}).`, {
      advice: 'Name the file of your authority in NODE_EXTRA_CA_CERTS and start again.',
      retryable: false,
    });
  }
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL')) {
    return new ModelError('connection', `${baseURL} does not speak TLS.`, {
      advice: 'Write http:// in place of https://, if this is a server of your own.',
      retryable: false,
    });
  }
  if (code?.startsWith('HPE_')) return malformed('it is not HTTP', endpoint);
  if (error instanceof SyntaxError) return malformed('it is not JSON', endpoint);
  const what = redact(innermost(error), endpoint.apiKey);
  return new ModelError('connection', `The connection to ${baseURL} broke: ${what}`, {
    advice: `Is the server at ${baseURL} still running? Look at its log.`,
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

/** What the server said, on one line, cut to a length that a notification can show. */
function words(error: APIError, endpoint: Endpoint): string {
  const said = error.message
    .replace(/^\d{3} /, '')
    .replace(/\s+/g, ' ')
    .trim();
  const clean = redact(said, endpoint.apiKey);
  return clean.length > 500 ? `${clean.slice(0, 500)}…` : clean;
}

function redact(text: string, apiKey: string | undefined): string {
  return apiKey ? text.replaceAll(apiKey, '…') : text;
}

/** `retry-after-ms`, else `retry-after` in seconds or as a date; in milliseconds from now. */
function retryAfter(headers: Headers | undefined): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const after = headers?.get('retry-after') ?? '';
  if (/^\d+(\.\d+)?$/.test(after.trim())) return Number(after) * 1000;
  const until = Date.parse(after) - Date.now();
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}

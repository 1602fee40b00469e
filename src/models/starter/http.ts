import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../core/errors.ts';
import { isLoopback } from '../../core/models/base-url.ts';
import { ApiError } from './api.ts';

const LARGEST_BODY = 4e6;

/** Whether a request carries the bearer token. */
export function hasToken(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization?.replace(/^Bearer /i, '') ?? '');
  const expected = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Whether a web page sent a request, or a host name that points to this machine was used (DNS rebinding). A server without a token must reject
 * these.
 */
export function isFromPage({ headers }: IncomingMessage): boolean {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return true;
  const host = `http://${headers.host ?? ''}`;
  return !URL.canParse(host) || !isLoopback(new URL(host).hostname);
}

/** @throws ApiError 413 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > LARGEST_BODY) throw new ApiError(413, `The request is larger than ${LARGEST_BODY / 1e6} MB.`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Answers with an OpenAI-style error object, within the stream if it has begun. */
export function fail(response: ServerResponse, error: unknown, log: (line: string) => void): void {
  const known = error instanceof ApiError ? error : undefined;
  const message = known?.message ?? messageOf(error);
  if (!known) log(`failed: ${error instanceof Error ? (error.stack ?? message) : message}`);
  const status = known?.status ?? 500;
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  const body = { error: { message, type, code: known?.code ?? null } };
  if (response.headersSent) return void response.end(`data: ${JSON.stringify(body)}\n\n`);
  if (known?.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(known.retryAfterSeconds));
  json(response, status, body);
}

export function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

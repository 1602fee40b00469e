import type { ClientRequest } from 'node:http';

/**
 * Calls `fail` when a request ends without an answer and without an error: node:http does this after “101 Switching Protocols”.
 */
export function failUnanswered(request: ClientRequest, fail: (error: Error) => void): void {
  let answered = false;
  request.once('response', () => {
    answered = true;
  });
  request.once('close', () => {
    if (!answered) fail(new Error('it closed the connection without an answer'));
  });
}

import { z } from 'zod';
import { messageOf } from '../../../core/errors.ts';
import type { CallRequest } from '../../../core/schemas/index.ts';
import { parseJson } from '../../../core/text/json.ts';
import { Collector } from '../../../models/wire.ts';
import type { BatchAnswer } from '../../../runner/sampling/draw-batches.ts';

/** A line of a batch's results, as media/python/sample_shard.py writes it. */
const ResultLine = z.union([
  z.object({ key: z.string(), error: z.object({ status: z.number(), message: z.string() }) }),
  z.object({ key: z.string(), ms: z.number().nonnegative(), response: z.unknown() }),
]);

/** Undefined for a line that is not ours or whose key was not requested. */
export function readAnswer<Call extends { request: CallRequest }>(
  line: string,
  calls: ReadonlyMap<string, Call>,
): { call: Call; answer: BatchAnswer } | undefined {
  const parsed = ResultLine.safeParse(parseJson(line)).data;
  const call = parsed && calls.get(parsed.key);
  if (!call) return undefined;
  if ('error' in parsed) return { call, answer: { refused: plain(`${parsed.error.status} ${parsed.error.message}`) } };
  return { call, answer: replyOf(parsed.response, call.request, parsed.ms) };
}

/** Read as the runner reads a reply of one piece: the same fields of reasoning, the same tokens. */
function replyOf(response: unknown, request: CallRequest, ms: number): BatchAnswer {
  try {
    const collector = new Collector({ baseURL: `http://${request.host}`, model: request.model }, 1);
    collector.add(response);
    const [first] = collector.finish(request, false).replies;
    return first ? { reply: { ...first.reply, ms: Math.round(ms) } } : { refused: 'the response has no choice' };
  } catch (error) {
    return { refused: plain(messageOf(error)) };
  }
}

function plain(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, 500)
    .trim();
}

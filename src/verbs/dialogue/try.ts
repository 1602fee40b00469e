import { piecesOf } from '../../core/dialogue/index.ts';
import { formatVerdict, replyOutcome } from '../../core/schemas/index.ts';
import { formatCount, formatSeconds, plural } from '../../core/text/format.ts';
import type { TriedPiece } from '../../protocol/workbench.ts';
import { tryProblem } from '../../runner/dialogue/try-problem.ts';
import type { Print, Run } from '../index.ts';
import { openDataset } from '../with-dataset.ts';

export const run: Run<'try'> = async ({ dataset: folder, ...args }, context) => {
  const dataset = await openDataset(folder, context);
  const places: readonly string[] = piecesOf(dataset.settings.dialogue.turns);
  const total = args.until === undefined ? places.length : places.indexOf(args.until) + 1;
  let done = 0;
  try {
    return await tryProblem(dataset, args, {
      ...context,
      cache: context.env.LONGHAND_CACHE,
      onEvent: (event) => {
        if (event.type === 'done') {
          done++;
          context.log(formatTried(event.tried));
        }
        const message = event.type === 'done' ? undefined : event.piece;
        const where = { done, total, unit: 'pieces', tried: event };
        context.progress(message === undefined ? where : { ...where, message });
      },
    });
  } finally {
    await dataset.close();
  }
};

export const print: Print<'try'> = ({ problem, model, pieces, end, refused, calls, reused }) => {
  const asked = `${problem} with ${model}: ${plural(calls, 'call')}, ${formatCount(reused)} from the journal.`;
  const texts = pieces.map(({ piece, text }) => `\n── ${piece} ──\n${text.trim()}`);
  const stopped = refused === undefined ? [] : [`\n${refused.piece} was refused: ${refused.reason}`];
  if (!end) return [asked, ...texts, ...stopped].join('\n');
  const failed = end.chain?.filters.filter(({ passed }) => !passed) ?? [];
  const filters = failed.map(({ id, reason }) => `  ${id}: ${reason ?? 'did not pass'}`);
  const chain = end.chain ? `Class ${end.class}; ${end.chain.passed ? 'all filters passed' : 'filters failed:'}` : '';
  return [asked, ...texts, '', ...(chain === '' ? [] : [chain]), ...filters, ...end.notes].join('\n');
};

/** A piece in one line: `answer[1]: correct, number; 42 tokens, 1.2 s, seed 7, stop, prompt a1b2c3d4`. */
export function formatTried({ piece, verdict, check, reply, seed, reused, promptHash }: TriedPiece): string {
  const how = verdict ? `${formatVerdict(verdict, replyOutcome(reply))}, ${verdict.method}` : formatCheck(check);
  const tokens = `${reply.usage.estimated ? 'about ' : ''}${plural(reply.usage.completion, 'token')}`;
  const paid = reused ? 'from the journal' : formatSeconds(reply.ms / 1000);
  const prompt = promptHash === '' ? '' : `, prompt ${promptHash.slice(0, 8)}`;
  return `${piece}: ${how}; ${tokens}, ${paid}, seed ${seed}, ${reply.finish}${prompt}`;
}

function formatCheck(check: TriedPiece['check']): string {
  if (!check || check.says === null) return 'no verdict line';
  if (check.agrees === null) return `verdict ${check.says}`;
  return `verdict ${check.says}, ${check.agrees ? 'confirmed' : 'contradicted'} by grading`;
}

import { RenderError, type RenderedPart, Renderer } from '../core/training/render.ts';
import { checkRoundTrip, type RoundTrip } from '../core/training/round-trip.ts';
import { MessagesRow } from '../core/training/rows.ts';
import type { PreflightCheck } from '../protocol/training.ts';
import { readLines } from '../store/files.ts';
import { readChatTemplate } from './chat-template.ts';

/** So many rows are rendered; a template does to all what it does to these. */
const LOOKED_AT = 1000;

/** What a model's template makes of rows, and one of them as it is trained. */
export interface TemplateReading extends RoundTrip {
  own: boolean;
  sample?: { id: string; parts: RenderedPart[] };
}

/**
 * Renders rows of messages through the template of a model's folder. `wanted`: the id of the row that is shown; the first when absent.
 * Rows of another form, and files that can't be read, have nothing to render.
 */
export async function readThroughTemplate(folder: string, rowsFile: string, wanted?: string): Promise<TemplateReading> {
  const { chat, own } = await readChatTemplate(folder);
  const rows: MessagesRow[] = [];
  let shown: MessagesRow | undefined;
  for await (const line of readLines(rowsFile)) {
    const row = 'error' in line ? undefined : MessagesRow.safeParse(line.value).data;
    if (!row) continue;
    if (rows.length < LOOKED_AT) rows.push(row);
    if (wanted === undefined ? shown === undefined : row.id === wanted) shown = row;
    if (rows.length >= LOOKED_AT && shown) break;
  }
  let renderer: Renderer;
  try {
    renderer = new Renderer(chat);
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    const message = `The chat template can’t be read: ${error.message}.`;
    const advice = 'Transformers may still read it; look at a checkpoint’s answers early.';
    return { own, rows: rows.length, findings: [{ kind: 'refused', rows: rows.length, message, advice }] };
  }
  const trip = checkRoundTrip(renderer, rows, own);
  const refused = trip.findings.some(({ kind }) => kind === 'refused');
  if (!shown || refused) return { own, ...trip };
  return { own, ...trip, sample: { id: shown.id ?? '', parts: renderer.parts(shown.messages, shown.loss_mask ?? []) } };
}

/** The reading as a check of a plan. `exact`: the trainer gets the rows as Longhand renders them. */
export function templateCheck({ rows, findings }: TemplateReading, exact: boolean): PreflightCheck {
  const grave = findings.find(({ kind }) => kind === 'refused' || kind === 'prefilled-think');
  const lost = findings.find(({ kind }) => kind === 'reasoning-lost' || kind === 'answer-changed');
  const said = grave ?? (exact ? undefined : lost) ?? findings[0];
  if (!said) {
    const message = `${rows} rows go through the model’s chat template and come out whole: reasoning and mask survive.`;
    return { id: 'template', state: 'ok', message };
  }
  const harmless = exact && (said.kind === 'reasoning-lost' || said.kind === 'answer-changed');
  const state = grave ? 'warning' : harmless ? 'ok' : 'warning';
  return { id: 'template', state, message: `${said.message} (${said.rows} of ${rows} rows)`, advice: said.advice };
}

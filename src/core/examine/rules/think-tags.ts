import { excerptAt, type RowRule } from '../row.ts';

/** Tags of a thought, in pairs of the same name. */
const TAG = /<(\/?)(think(?:ing)?|thought)>|<\|(begin|end)_of_(thought|solution)\|>/gi;
/** Characters before an opening tag that may introduce it. */
const LONGEST_START = 200;

interface Tag {
  name: string;
  closes: boolean;
  text: string;
  at: number;
}

export const thinkTags: RowRule = {
  finding: 'think-tags',
  find: ({ problem = '', reply }) => {
    const [inProblem] = tagsOf(problem);
    if (inProblem)
      return { reason: `The problem contains ${inProblem.text}.`, excerpt: excerptAt(problem, inProblem.at) };
    const written = reply?.written ?? '';
    const fault = faultOf(tagsOf(written), written);
    return fault && { reason: fault.reason, excerpt: excerptAt(written, fault.at) };
  },
};

function tagsOf(text: string): Tag[] {
  if (!text.includes('<')) return [];
  return [...text.matchAll(TAG)].map(({ 0: tag, 1: slash, 2: plain, 3: side, 4: token, index }) => ({
    name: (plain ?? token ?? '').toLowerCase(),
    closes: slash === '/' || side?.toLowerCase() === 'end',
    text: tag,
    at: index,
  }));
}

function faultOf(tags: readonly Tag[], text: string): { reason: string; at: number } | undefined {
  const seen = new Set<string>();
  let open: Tag | undefined;
  let closed: Tag | undefined;
  for (const tag of tags) {
    const { name, closes, at } = tag;
    const key = `${closes ? '/' : ''}${name}`;
    if (seen.has(key)) return { reason: `${tag.text} occurs more than once.`, at };
    seen.add(key);
    if (!closes && open) return { reason: `${tag.text} is inside ${open.text}.`, at };
    if (closes && open && open.name !== name) return { reason: `${tag.text} closes ${open.text}.`, at };
    if (!closes && name !== 'solution' && closed) return { reason: `${tag.text} comes after ${closed.text}.`, at };
    if (!closes && name !== 'solution' && text.slice(0, at).trim().length > LONGEST_START)
      return { reason: `${tag.text} is not at the start of the reply.`, at };
    // Some templates write the opening tag of the thought.
    if (closes && !open && name === 'solution') return { reason: `${tag.text} has no opening tag.`, at };
    if (closes) closed = tag;
    open = closes ? undefined : tag;
  }
  // Without a box behind it, an open thought is a truncated one.
  const isAnswered = open !== undefined && open.name !== 'solution' && text.includes('\\boxed{', open.at);
  return open && isAnswered ? { reason: `${open.text} is never closed.`, at: open.at } : undefined;
}

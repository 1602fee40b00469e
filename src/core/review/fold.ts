import { splitSentences } from '../behaviours/sentences.ts';
import { defined } from '../defined.ts';
import type { BehaviourAct, Chain, ReviewAct, Span, SpanPlace, StepPlace } from '../schemas/index.ts';
import { applyChanges, changesFit, mapSegments, mapSpans } from './changes.ts';
import type { ReviewState } from './state.ts';
import { changedSteps, firstWrongStep, splitSteps, stepChange } from './steps.ts';

type ReviewedChain = Pick<Chain, 'id' | 'text' | 'segments' | 'spans'> & Pick<ReviewState, 'steps'>;

type Content = Omit<ReviewState, 'undoable' | 'redoable' | 'firstWrongStep'>;
type PlainAct = Exclude<ReviewAct, { act: 'undo' | 'redo' }>;

interface Applied {
  act: PlainAct;
  before: Content;
}

/**
 * The state of a chain after one reviewer's acts, in file order. Undo reverts the last act, redo restores the last reverted one, and any other
 * act clears the redo list. Invalid acts (beyond the text, an undo of another act) and acts on other chains are ignored, so that a merged or
 * incomplete file can always be read.
 */
export function foldActs(chain: ReviewedChain, acts: readonly ReviewAct[]): ReviewState {
  let content: Content = {
    decision: 'pending',
    text: chain.text,
    segments: [...chain.segments],
    spans: [...chain.spans],
    ...defined({ steps: chain.steps }),
    edited: false,
  };
  const done: Applied[] = [];
  const undone: PlainAct[] = [];
  const seen = new Set<string>();

  const apply = (act: PlainAct): boolean => {
    const after = applyAct(content, act, chain.text);
    if (after === undefined) return false;
    done.push({ act, before: content });
    content = after;
    return true;
  };

  for (const act of acts) {
    if (act.chainId !== chain.id || seen.has(act.id)) continue;
    seen.add(act.id);
    if (act.act === 'undo') {
      const last = done.at(-1);
      if (last === undefined || last.act.id !== act.target) continue;
      done.pop();
      undone.push(last.act);
      content = last.before;
    } else if (act.act === 'redo') {
      const last = undone.at(-1);
      if (last === undefined || last.id !== act.target) continue;
      undone.pop();
      apply(last);
    } else if (apply(act)) {
      undone.length = 0;
    }
  }
  return {
    ...content,
    ...defined({ firstWrongStep: firstWrongStep(content.steps) }),
    undoable: done.at(-1)?.act.id,
    redoable: undone.at(-1)?.id,
  };
}

function applyAct(state: Content, act: PlainAct, original: string): Content | undefined {
  switch (act.act) {
    case 'accept':
      return { ...state, decision: 'accepted', reason: act.reason };
    case 'reject':
      return { ...state, decision: 'rejected', reason: act.reason };
    case 'skip':
      return { ...state, decision: 'skipped', reason: act.reason };
    case 'note':
      return { ...state, note: act.text === '' ? undefined : act.text };
    case 'edit': {
      if (!changesFit(act.changes, state.text.length)) return undefined;
      const text = applyChanges(state.text, act.changes);
      if (text === '') return undefined;
      return {
        ...state,
        text,
        segments: mapSegments(state.segments, act.changes, state.text),
        spans: mapSpans(state.spans, act.changes),
        edited: text !== original,
        steps: withSteps(state, act)?.steps,
      };
    }
    case 'step':
      return fits(state.text, act) ? withSteps(state, act) : undefined;
    case 'first-wrong-step':
      return typeof act.place === 'string' || act.place === null || fits(state.text, act.place)
        ? withSteps(state, act)
        : undefined;
    case 'label':
      return withSpans(state, [act], []);
    case 'unlabel':
      return withoutSpans(state, [act.spanId]);
    case 'respan': {
      const rest = withoutSpans(state, act.remove);
      const removed = state.spans.filter((span) => act.remove.includes(span.id));
      // Several spans of one act are numbered; a single one has the act's id.
      const id = (index: number): string => (act.add.length === 1 ? act.id : `${act.id}.${index + 1}`);
      return (
        rest &&
        withSpans(
          rest,
          act.add.map((place, index) => ({ ...place, id: id(index) })),
          removed,
        )
      );
    }
    case 'override':
      return { ...state, override: { outcome: act.outcome, reason: act.reason } };
    case 'tag':
      return { ...state, tags: [...(state.tags ?? []).filter((tag) => tag !== act.tag), act.tag] };
    case 'untag':
      return { ...state, tags: (state.tags ?? []).filter((tag) => tag !== act.tag) };
    case 'assign':
      return { ...state, assigned: act.to === '' ? undefined : act.to };
  }
}

function fits(text: string, { start, end }: StepPlace): boolean {
  return start < end && end <= text.length;
}

/** The state with the steps after an act on them, or on the text; undefined if the act removes a label that does not exist. */
function withSteps(state: Content, act: PlainAct): Content | undefined {
  const change = stepChange(act);
  const steps = change && changedSteps(state.steps ?? [], change, () => splitSteps(state.text, state.segments));
  return steps && { ...state, steps: steps.length === 0 ? undefined : steps };
}

/**
 * The state with new spans of the reviewer; undefined if one does not fit the text or its id exists.
 * @param replaced The spans whose acts the new ones take over.
 */
function withSpans(
  state: Content,
  places: readonly (SpanPlace & { id: string })[],
  replaced: readonly Span[],
): Content | undefined {
  const taken = new Set(state.spans.map(({ id }) => id));
  if (!places.every((place) => fits(state.text, place) && !taken.has(place.id))) return undefined;
  const spans = places.map(({ id, kind, start, end }): Span => {
    const acts = actsOf(state.text, { kind, start, end }, replaced);
    return { id, kind, start, end, source: 'human', confidence: 1, ...defined({ acts }) };
  });
  return {
    ...state,
    spans: [...state.spans, ...spans],
    own: [...(state.own ?? []), ...spans.map(({ id }) => id)],
  };
}

/**
 * The acts of a reviewer's span: a span of one sentence is an act. A longer one keeps those of the spans of its behaviour that it replaces;
 * undefined if they are unknown.
 */
function actsOf(text: string, { kind, start, end }: SpanPlace, replaced: readonly Span[]): BehaviourAct[] | undefined {
  if (splitSentences(text.slice(start, end)).length <= 1) return [{ start, end }];
  const same = replaced.filter((span) => span.kind === kind);
  if (!same.every(({ acts }) => acts !== undefined)) return undefined;
  const inside = same
    .flatMap(({ acts = [] }) => acts)
    .map((act) => ({ start: Math.max(start, act.start), end: Math.min(end, act.end) }))
    .filter((act) => act.start < act.end)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  // Neighbours may overlap, and have the same act.
  const acts = inside.filter((act, index) => act.start >= (inside[index - 1]?.end ?? 0));
  return acts.length === 0 ? undefined : acts;
}

/** The state without these spans; undefined if one does not exist. */
function withoutSpans(state: Content, ids: readonly string[]): Content | undefined {
  const gone = new Set(ids);
  const spans = state.spans.filter(({ id }) => !gone.has(id));
  return spans.length === state.spans.length - ids.length ? { ...state, spans } : undefined;
}

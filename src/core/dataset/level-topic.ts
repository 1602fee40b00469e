import { defined } from '../defined.ts';

/** A level for counting and comparing: a number where possible (“Level 5”, “lvl. 5”, “L5”, “5.0” are 5), else lower case without “level”. */
export function normaliseLevel(level: string | number): string | number {
  if (typeof level === 'number') return level;
  const plain = normaliseTopic(level);
  const rest = plain.replace(/^(?:(?:level|lvl|lv|difficulty)(?:[\s:.#=-]+(?=\S)|(?=\d))|l(?=\d))+/, '');
  // A double keeps 15 digits; longer numbers are names.
  return /^-?\d{1,15}(?:\.\d{1,6})?$/.test(rest) ? Number(rest) : rest;
}

/** A topic for counting and comparing: lower case, each run of spaces and `_` as one space, as a hyphen between letters, and `&` as “and”. */
export function normaliseTopic(topic: string): string {
  return topic
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(?<=\p{L})-(?=\p{L})/gu, ' ')
    .replace(/&/g, ' and ')
    .replace(/[\s_]+/g, ' ')
    .trim();
}

interface Placed {
  level?: string | number | undefined;
  topic?: string | undefined;
}

/** Level and topic of a problem in normalised form; `original` holds the source's spelling where it differs. */
export function levelAndTopic({ level, topic }: Placed): {
  level?: string | number;
  topic?: string;
  original?: { level?: string | number; topic?: string };
} {
  const normal = defined({
    level: level === undefined ? undefined : normaliseLevel(level),
    topic: topic === undefined ? undefined : normaliseTopic(topic),
  });
  const original = defined({
    level: level === normal.level ? undefined : level,
    topic: topic === normal.topic ? undefined : topic,
  });
  return { ...normal, ...(Object.keys(original).length === 0 ? {} : { original }) };
}

/** Requested levels and topics in any spelling; an absent or empty list matches all. */
export interface ProblemScope {
  levels?: readonly string[] | undefined;
  topics?: readonly string[] | undefined;
}

export function inScope({ levels = [], topics = [] }: ProblemScope): (problem: Placed) => boolean {
  const [wantedLevels, wantedTopics] = [new Set(levels.map(normaliseLevel)), new Set(topics.map(normaliseTopic))];
  return ({ level, topic }) =>
    (wantedLevels.size === 0 || (level !== undefined && wantedLevels.has(level))) &&
    (wantedTopics.size === 0 || (topic !== undefined && wantedTopics.has(topic)));
}

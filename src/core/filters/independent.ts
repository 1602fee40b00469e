import { jaccard } from '../text/ngrams.ts';
import { at } from './places.ts';
import { answersOf, type FilterRule } from './rule.ts';

export const independent: FilterRule = {
  id: 'independent',
  asks: 'No two answers of the chain are nearly the same text: the Jaccard similarity of their word 5-grams.',
  thresholds: ['maxOverlap'],
  measure: (input, { maxOverlap }) => {
    // An answer that assembly removed repeats nothing.
    const answers = answersOf(input).filter(
      ({ piece }) => input.segments?.some((segment) => segment.piece === piece) ?? true,
    );
    if (answers.length < 2) return undefined;
    let most = { value: -1, a: '', b: '' };
    for (const [i, a] of answers.entries()) {
      for (const b of answers.slice(i + 1)) {
        const value = jaccard(a.text, b.text, 5);
        if (value > most.value) most = { value, a: a.piece, b: b.piece };
      }
    }
    const value = Math.round(most.value * 1000) / 1000;
    if (most.value < maxOverlap) return { passed: true, value, threshold: maxOverlap };
    const reason = `${most.b} nearly repeats ${most.a}: ${Math.round(most.value * 100)} % of their word 5-grams are the same.`;
    const place = input.segments?.find(({ piece }) => piece === most.b);
    const places = at(place ? [{ start: place.start, end: place.end }] : []);
    return { passed: false, value, threshold: maxOverlap, reason, ...places };
  },
};

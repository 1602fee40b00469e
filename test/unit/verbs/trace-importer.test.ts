import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withBand } from '../../../src/core/filters/index.ts';
import { type Chain, FilterSettings } from '../../../src/core/schemas/index.ts';
import { lineOf } from '../../../src/grading/trace.ts';
import { withBandIn } from '../../../src/verbs/dataset/trace-importer.ts';

const settings = FilterSettings.parse({});

/** Texts that look like the members around the filters, or have what a line could end at. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('"filters":[', '],"passed":true', '],"passed":false', '$&', '\\', '"', '\n', '\u2028', '\ud800'),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(''));
const filter = fc.record({
  id: fc.constantFrom('repetition', 'language', 'length-band', 'decontaminated'),
  passed: fc.boolean(),
  value: fc.oneof(fc.integer(), text, fc.boolean(), fc.constant(null)),
  threshold: fc.constant(null),
  reason: text,
  at: fc.array(fc.record({ start: fc.nat(), end: fc.nat() }), { maxLength: 2 }),
});
const chain = fc
  .record({
    text,
    verdict: fc.record({ outcome: fc.constant('correct'), method: fc.constant('exact'), detail: text }),
    filters: fc.array(filter, { maxLength: 4 }),
    passed: fc.boolean(),
    candidates: fc.dictionary(fc.oneof(fc.constant('filters'), text), fc.constantFrom('correct', 'incorrect')),
  })
  .map((members) => members as unknown as Chain);
const band = fc.option(fc.record({ low: fc.nat(20), high: fc.nat(60), chains: fc.nat(40) }), { nil: undefined });

it('applies the length band to the JSON of a chain as to the chain', () => {
  fc.assert(
    fc.property(chain, band, (one, known) => {
      const banded = withBand(one, known, settings);
      const { json, length } = lineOf(one);
      expect(withBandIn(json, length, known, settings)).toEqual([lineOf(banded).json, banded.passed]);
    }),
  );
});

import type { SampleProblem } from './types.ts';

const TEXTS: readonly (readonly [problem: string, answer: string])[] = [
  [
    'A library cart has 4 shelves with 17 books on each of them. A clerk lays 9 more books on top. How many books does the cart carry?',
    '77',
  ],
  [
    'A ticket to the planetarium costs $5 and a pair of star glasses costs $2. All 23 pupils of a class buy a ticket, and 8 of them also buy glasses. How many dollars does the class pay?',
    '131',
  ],
  [
    'A pump pours 8 litres of water into a tank every hour while a crack lets 3 litres escape every hour. At noon the tank holds 46 litres. After how many hours does it hold 131 litres?',
    '17',
  ],
  [
    'A rope of 84 metres is cut into two pieces so that one piece is three times as long as the other. How many metres long is the longer piece?',
    '63',
  ],
  [
    'An oak is four times as old as the birch beside it. In 6 years it will be twice as old as the birch. How many years old is the oak now?',
    '12',
  ],
  [
    'A cyclist climbs a mountain road of 27 km at 9 km/h and rides back down the same road at 18 km/h. What is her average speed, in km/h, for the whole ride?',
    '12',
  ],
  [
    'A jacket is marked at $80. In a sale its price drops by 25%, and at the till a voucher takes off another $6. The buyer pays with a $100 note. How many dollars of change does she get?',
    '46',
  ],
  [
    'How many litres of pure water must be poured into 12 litres of a salt solution of strength 30% to bring its strength down to 20%?',
    '6',
  ],
  [
    'One gardener needs 10 hours to weed a field, another needs 15 hours for the same field. They weed it together, each at the usual pace. How many hours does it take them?',
    '6',
  ],
  [
    'A straight path of 120 metres gets a lamp at each of its two ends and lamps in between, so that neighbouring lamps are 8 metres apart. How many lamps are needed?',
    '16',
  ],
  [
    'A herd of 250 goats grows by 20% in a wet year and shrinks by 20% in the dry year that follows. How many goats are there at the end of the dry year?',
    '240',
  ],
  [
    'A stall sells small jars of honey for $4 and large jars for $7. One morning it sells 25 jars and takes in $130. How many of them were large jars?',
    '10',
  ],
  ['A candle of 24 cm burns down by 1.5 cm every 20 minutes. After how many minutes is it 9 cm long?', '200'],
  [
    'Two printers start on a job of 450 pages at the same moment; one prints 18 pages a minute, the other 12. After 5 minutes the faster one jams for good and the slower one finishes alone. How many minutes does the whole job take?',
    '30',
  ],
];

export const WORD: readonly SampleProblem[] = TEXTS.map(([problem, answer], index) => ({
  id: `word-${String(index + 1).padStart(2, '0')}`,
  problem,
  answer,
  level: 2,
  topic: 'word problems',
}));

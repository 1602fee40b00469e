import { parseDecimal, type Rational, ratio } from '../rational.ts';

/** One unit: its size in the base units m, kg, s, A, K, mol and those that only count (°, $, bit, month …). */
export interface Unit {
  /** Its one spelling in normal forms. */
  readonly symbol: string;
  readonly factor: Rational;
  /** Added after the factor: 0 °C is 273.15 K. */
  readonly offset?: Rational;
  /** Powers of the base units. */
  readonly dimension: Readonly<Record<string, number>>;
}

/**
 * symbol | factor | dimension | names. Factors are exact, after the International System of Units (BIPM, 9th edition) and the international yard and pound
 * of 1959; US gallon and its parts, US customary law. `ton` is missing on purpose: it is 2,000 or 2,240 pounds, or a tonne.
 */
const ROWS = `
m | 1 | m | meter metre 米
in | 0.0254 | m | inch inche 英寸
ft | 0.3048 | m | foot feet 英尺
yd | 0.9144 | m | yard
mi | 1609.344 | m | mile 英里
nmi | 1852 | m | nautical-mile
micron | 1/1000000 | m |
Å | 1/10000000000 | m | angstrom ångström 埃
km | 1000 | m | 公里 千米
cm | 1/100 | m | 厘米
mm | 1/1000 | m | 毫米
dm | 1/10 | m | 分米
ha | 10000 | m2 | hectare 公顷
acre | 4046.8564224 | m2 |
m^2 | 1 | m2 | 平方米
cm^2 | 1/10000 | m2 | 平方厘米
km^2 | 1000000 | m2 | 平方公里 平方千米
m^3 | 1 | m3 | 立方米
cm^3 | 1/1000000 | m3 | cc ccm 立方厘米
L | 1/1000 | m3 | liter litre l 升
mL | 1/1000000 | m3 | 毫升
gal | 0.003785411784 | m3 | gallon
qt | 0.000946352946 | m3 | quart
pt | 0.000473176473 | m3 | pint
cup | 0.0002365882365 | m3 |
fl-oz | 0.0000295735295625 | m3 | fluid-ounce
tbsp | 0.00001478676478125 | m3 | tablespoon
tsp | 0.00000492892159375 | m3 | teaspoon
g | 1/1000 | kg | gram gramme 克
kg | 1 | kg | 千克 公斤
t | 1000 | kg | tonne metric-ton 吨
lb | 0.45359237 | kg | pound lbs
oz | 0.028349523125 | kg | ounce
st | 6.35029318 | kg | stone
s | 1 | s | second sec 秒
min | 60 | s | minute 分钟
h | 3600 | s | hour hr 小时
d | 86400 | s | day 天
wk | 604800 | s | week 周
month | 1 | month | mo 个月
yr | 12 | month | year 年
decade | 120 | month |
century | 1200 | month | centurie
mph | 0.44704 | m s-1 |
km/h | 5/18 | m s-1 | kph kmh kmph
kn | 463/900 | m s-1 | knot
Hz | 1 | s-1 | hertz
N | 1 | m kg s-2 | newton
Pa | 1 | m-1 kg s-2 | pascal
bar | 100000 | m-1 kg s-2 |
atm | 101325 | m-1 kg s-2 | atmosphere
J | 1 | m2 kg s-2 | joule
cal | 4.184 | m2 kg s-2 | calorie
eV | 0.0000000000000000001602176634 | m2 kg s-2 | electronvolt
Wh | 3600 | m2 kg s-2 | watt-hour
W | 1 | m2 kg s-3 | watt
A | 1 | A | ampere amp
C | 1 | A s | coulomb
V | 1 | m2 kg s-3 A-1 | volt
F | 1 | m-2 kg-1 s4 A2 | farad
Ω | 1 | m2 kg s-3 A-2 | ohm
T | 1 | kg s-2 A-1 | tesla
K | 1 | K | kelvin
°C | 1 +273.15 | K | celsius centigrade
°F | 5/9 +45967/180 | K | fahrenheit
mol | 1 | mol | mole
M | 1000 | m-3 mol | molar
° | 1 | ° | degree deg 度
arcmin | 1/60 | ° | arcminute
arcsec | 1/3600 | ° | arcsecond
rad | 1 | rad | radian
bit | 1 | bit |
B | 8 | bit | byte
$ | 1 | $ | dollar usd buck 美元
cent | 1/100 | $ | 美分 ¢
€ | 1 | € | euro eur 欧元
£ | 1 | £ | gbp 英镑
元 | 1 | 元 | yuan rmb cny 人民币
yen | 1 | yen | jpy 日元
rupee | 1 | rupee | inr
% | 1/100 | | percent percentage pct
dozen | 12 | | 打
unit | 1 | unit |
`;

/** Symbols that accept the SI prefixes, and their spelled names. */
const PREFIXED = new Set([
  'm',
  'g',
  'L',
  's',
  'N',
  'Pa',
  'J',
  'cal',
  'eV',
  'Wh',
  'W',
  'A',
  'C',
  'V',
  'F',
  'Ω',
  'T',
  'mol',
  'M',
  'Hz',
  'B',
  'bit',
]);
const PREFIXES: readonly (readonly [string, string, string])[] = [
  ['G', 'giga', '1000000000'],
  ['M', 'mega', '1000000'],
  ['k', 'kilo', '1000'],
  ['h', 'hecto', '100'],
  ['d', 'deci', '1/10'],
  ['c', 'centi', '1/100'],
  ['m', 'milli', '1/1000'],
  ['μ', 'micro', '1/1000000'],
  ['u', 'micro', '1/1000000'],
  ['n', 'nano', '1/1000000000'],
  ['p', 'pico', '1/1000000000000'],
];

/** Throws for invalid numbers: the rows above are the only input. */
function exact(text: string): Rational {
  const [top = '', bottom = '1'] = text.split('/');
  const [num, den] = [parseDecimal(top), parseDecimal(bottom)];
  const value = num && den && ratio(num.num * den.den, num.den * den.num);
  if (value === undefined) throw new RangeError(`${text} is no factor of a unit`);
  return value;
}

function dimensionOf(text: string): Record<string, number> {
  const powers = text.split(' ').filter((part) => part !== '');
  return Object.fromEntries(
    powers.map((part) => {
      const [, base = '', power = ''] = /^(.*?)(-?\d*)$/.exec(part) ?? [];
      return [base, power === '' ? 1 : Number(power)];
    }),
  );
}

const symbols = new Map<string, Unit>();
const names = new Map<string, Unit>();
for (const row of ROWS.trim().split('\n')) {
  const [symbol = '', size = '', dimension = '', spelled = ''] = row.split('|').map((cell) => cell.trim());
  const [factor = '', offset] = size.split(' +');
  const unit: Unit = {
    symbol,
    factor: exact(factor),
    ...(offset === undefined ? {} : { offset: exact(offset) }),
    dimension: dimensionOf(dimension),
  };
  symbols.set(symbol, unit);
  for (const name of [symbol.toLowerCase(), ...spelled.split(' ')]) {
    if (name.length > 1 || /[^\x20-\x7e]/.test(name)) names.set(name, unit);
  }
  // `l` is the one letter with a second spelling.
  if (spelled.split(' ').includes('l')) symbols.set('l', unit);
}

function scaled(unit: Unit, symbol: string, by: string): Unit {
  const { num, den } = exact(by);
  return { ...unit, symbol, factor: exact(`${unit.factor.num * num}/${unit.factor.den * den}`) };
}

function prefixed(word: string, lower: string): Unit | undefined {
  for (const [prefix, name, factor] of PREFIXES) {
    const short = word.startsWith(prefix) ? word.slice(prefix.length) : '';
    const base = PREFIXED.has(short) ? symbols.get(short) : undefined;
    if (base) return scaled(base, `${prefix === 'u' ? 'μ' : prefix}${short}`, factor);
    const long = lower.startsWith(name) ? named(lower.slice(name.length)) : undefined;
    // `kilograms` and `kg` are one unit with one symbol.
    if (long && PREFIXED.has(long.symbol))
      return symbols.get(prefix + long.symbol) ?? scaled(long, prefix + long.symbol, factor);
  }
  return undefined;
}

function named(lower: string): Unit | undefined {
  return names.get(lower) ?? names.get(lower.replace(/s$/, '')) ?? names.get(lower.replace(/es$/, ''));
}

/** The unit of a symbol (`cm`, `kWh`), or of a name in the singular or plural (`feet`, `kilograms`); undefined for any other word. */
export function unitOf(word: string): Unit | undefined {
  const lower = word.toLowerCase();
  return symbols.get(word) ?? (word.length > 1 ? prefixed(word, '') : undefined) ?? named(lower) ?? prefixed('', lower);
}

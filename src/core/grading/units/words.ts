/** Unit words and symbols that may follow a value. Single letters are read as units only after a plain number (see shapes/read.ts). */
const WORDS =
  'millimeter millimetre centimeter centimetre meter metre kilometer kilometre inch inche foot feet ft yard yd mile mi mm cm dm km nm ' +
  'mph kph kmh gram kilogram milligram mg kg lb lbs pound ounce oz ton tonne liter litre milliliter ml mL gallon quart pint cup ' +
  'second sec minute min hour hr day week month year yr ms us ns degree deg radian rad ' +
  'dollar usd cent euro eur gbp yuan rmb rupee yen peso ' +
  'unit square cubic sq cu percent percentage pct Hz kHz MHz GHz Pa kPa eV keV MeV joule watt volt amp ampere newton mol mole kelvin celsius ' +
  'kJ kW kWh kN mA mV kV people person student way time hour coin apple point item piece page egg ' +
  '厘米 米 千米 公里 元 度 个 人 天 小时 分钟 秒 千克 公斤 克 吨 升 平方米 平方厘米 立方米 立方厘米 美元 颗 本 页 只 件';
const KNOWN: ReadonlySet<string> = new Set(WORDS.split(/\s+/));
const SINGLE: ReadonlySet<string> = new Set([...'msghLlNJWVAKCF']);

/** Whether the word is a unit by itself, in the singular or plural, as `meters` or `hrs`. */
export function isUnit(word: string): boolean {
  const lower = word.toLowerCase();
  return (
    KNOWN.has(word) || KNOWN.has(lower) || KNOWN.has(lower.replace(/s$/, '')) || KNOWN.has(lower.replace(/es$/, ''))
  );
}

/** One-letter symbols: metre, second, gram, hour, litre, newton … each also a likely variable. */
export function isUnitLetter(letter: string): boolean {
  return SINGLE.has(letter);
}

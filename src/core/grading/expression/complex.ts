export interface Complex {
  readonly re: number;
  readonly im: number;
}

export function complex(re: number, im = 0): Complex {
  return { re, im };
}

export function add(a: Complex, b: Complex): Complex {
  return complex(a.re + b.re, a.im + b.im);
}

export function negate(a: Complex): Complex {
  return complex(-a.re, -a.im);
}

export function multiply(a: Complex, b: Complex): Complex {
  if (a.im === 0 && b.im === 0) return complex(a.re * b.re);
  return complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
}

export function divide(a: Complex, b: Complex): Complex {
  if (b.im === 0) return complex(a.re / b.re, a.im === 0 ? 0 : a.im / b.re);
  const size = b.re * b.re + b.im * b.im;
  return complex((a.re * b.re + a.im * b.im) / size, (a.im * b.re - a.re * b.im) / size);
}

export function modulus(a: Complex): number {
  return a.im === 0 ? Math.abs(a.re) : Math.hypot(a.re, a.im);
}

export function finite(a: Complex): boolean {
  return Number.isFinite(a.re) && Number.isFinite(a.im);
}

export function exp(a: Complex): Complex {
  const size = Math.exp(a.re);
  return a.im === 0 ? complex(size) : complex(size * Math.cos(a.im), size * Math.sin(a.im));
}

/** Principal logarithm; unknown for a value beyond the range of doubles. */
export function ln(a: Complex): Complex {
  if (!finite(a)) return complex(Number.NaN);
  if (a.im === 0 && a.re > 0) return complex(Math.log(a.re));
  return complex(Math.log(modulus(a)), Math.atan2(a.im, a.re));
}

/** Principal square root, exact on perfect squares. */
export function sqrt(a: Complex): Complex {
  if (a.im === 0) return a.re >= 0 ? complex(Math.sqrt(a.re)) : complex(0, Math.sqrt(-a.re));
  const size = modulus(a);
  const re = Math.sqrt((size + Math.abs(a.re)) / 2);
  const im = Math.abs(a.im) / (2 * re);
  return a.re >= 0 ? complex(re, Math.sign(a.im) * im) : complex(im, Math.sign(a.im) * re);
}

/** Principal power; whole exponents of a complex base by repeated squaring, so that i^2 is exactly -1. */
export function power(a: Complex, b: Complex): Complex {
  if (b.im === 0 && a.im === 0) {
    if (a.re >= 0 || Number.isInteger(b.re)) return complex(a.re ** b.re);
  }
  if (b.im === 0 && b.re === 0.5) return sqrt(a);
  if (b.im === 0 && Number.isInteger(b.re) && Math.abs(b.re) <= 1024) {
    let result = complex(1);
    let square = a;
    for (let n = Math.abs(b.re); n > 0; n = Math.floor(n / 2)) {
      if (n % 2 === 1) result = multiply(result, square);
      square = multiply(square, square);
    }
    return b.re < 0 ? divide(complex(1), result) : result;
  }
  if (a.re === 0 && a.im === 0) return complex(b.re > 0 ? 0 : Number.NaN);
  return exp(multiply(b, ln(a)));
}

export function sin(a: Complex): Complex {
  if (a.im === 0) return complex(Math.sin(a.re));
  return complex(Math.sin(a.re) * Math.cosh(a.im), Math.cos(a.re) * Math.sinh(a.im));
}

export function cos(a: Complex): Complex {
  if (a.im === 0) return complex(Math.cos(a.re));
  return complex(Math.cos(a.re) * Math.cosh(a.im), -Math.sin(a.re) * Math.sinh(a.im));
}

const I = complex(0, 1);
const ONE = complex(1);

export function arcsin(a: Complex): Complex {
  if (a.im === 0 && Math.abs(a.re) <= 1) return complex(Math.asin(a.re));
  const root = sqrt(add(ONE, negate(multiply(a, a))));
  return multiply(negate(I), ln(add(multiply(I, a), root)));
}

export function arctan(a: Complex): Complex {
  if (a.im === 0) return complex(Math.atan(a.re));
  const ia = multiply(I, a);
  return divide(add(ln(add(ONE, ia)), negate(ln(add(ONE, negate(ia))))), complex(0, 2));
}

/** Γ of a larger value exceeds the range of doubles. */
const MAX_GAMMA = 172;

/** Γ(x) for real x by Lanczos' approximation (g = 7, nine terms), relative error below 1e-13 for |x| < 100. */
export function gamma(x: number): number {
  if (x > MAX_GAMMA) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const z = x - 1;
  const sum = terms.reduce((total, term, i) => (i === 0 ? term : total + term / (z + i)), 0);
  const t = z + 7.5;
  return Math.sqrt(2 * Math.PI) * t ** (z + 0.5) * Math.exp(-t) * sum;
}

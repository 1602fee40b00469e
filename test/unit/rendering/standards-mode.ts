// KaTeX refuses quirks mode, which the test's document without a doctype reports.
Object.defineProperty(document, 'compatMode', { value: 'CSS1Compat' });

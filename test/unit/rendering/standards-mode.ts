// KaTeX refuses to work in quirks mode, and the test's document, which has no doctype, says that it is in it.
Object.defineProperty(document, 'compatMode', { value: 'CSS1Compat' });

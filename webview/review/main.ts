import './strict.ts';
import 'katex/dist/katex.min.css';
import './review.css';
import { ReaderApp } from './app.ts';
import { Host } from './host.ts';
import { buildSkeleton } from './skeleton.ts';

// The two faces that nearly every formula needs are fetched before the first formula asks for them: no text jumps later.
for (const face of ['1em KaTeX_Main', 'italic 1em KaTeX_Math']) void document.fonts.load(face);

const root = document.getElementById('reader');
if (root !== null) new ReaderApp(new Host(), buildSkeleton(root));

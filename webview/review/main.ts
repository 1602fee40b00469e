import '../ui/strict.ts';
import 'katex/dist/katex.min.css';
import './review.css';
import { ReaderApp } from './app.ts';
import { Host } from './host.ts';
import { buildSkeleton } from './skeleton.ts';

// Nearly every formula needs these two faces. Loading them early avoids layout shifts.
for (const face of ['1em KaTeX_Main', 'italic 1em KaTeX_Math']) void document.fonts.load(face);

const root = document.getElementById('reader');
if (root !== null) new ReaderApp(new Host(), buildSkeleton(root));

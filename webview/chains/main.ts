import '../ui/strict.ts';
import '../review/review.css';
import './chains.css';
import './grid.css';
import { ToChainsPage } from '../../src/protocol/chains.ts';
import { PageHost } from '../ui/page-host.ts';
import { ChainsApp } from './app.ts';

const root = document.getElementById('reader');
if (root !== null) new ChainsApp(new PageHost(ToChainsPage), root);

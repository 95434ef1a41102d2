import { start } from './kit/shell.js';
import './pages/index.js';

start(document.getElementById('app'));

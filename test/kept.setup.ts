import { fileURLToPath } from 'node:url';
import { keepIn } from '../src/kept/kept.ts';

// What the program keeps from one run to the next serves the files of tests too: else each loads the study anew.
keepIn(fileURLToPath(new URL('../node_modules/.cache/kept', import.meta.url)));

import { parentPort } from 'node:worker_threads';

/** A thread that is ready, and dies over the first Bundle that it gets. */
parentPort!.on('message', () => process.exit(1));
parentPort!.postMessage({ said: 'ready' });

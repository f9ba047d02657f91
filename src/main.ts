#!/usr/bin/env -S node --single-threaded --no-opt --always-sparkplug
/** The one program. Nothing is loaded before the daemon's session has the priority that the daemon was started with. */
import { fileURLToPath } from 'node:url';
import { preferSession } from './os/session.js';

// As Node has found it, however it was called and wherever links lead: other programs of ours are started by it.
process.argv[1] = fileURLToPath(import.meta.url);
if (process.argv[2] === 'daemon') {
  preferSession();
}
await import('./run-program.js');

#!/usr/bin/env -S node --single-threaded --no-opt --always-sparkplug
/** The one program. Nothing is loaded before its session has the priority that it was started with. */
import { leadSession } from './os/session.js';

leadSession();
await import('./run-program.js');

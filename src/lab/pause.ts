/** Waiting on the injected clock, with an end. */
export type { Patience } from '../ports/pause.js';
export { eventually, pause } from '../ports/pause.js';

/** What the hand of a drill is asked for on one node, and what has become of that: as the nodes say it to each other. */

export type { HandOrder, HandState } from '../wire/pair/drill.js';

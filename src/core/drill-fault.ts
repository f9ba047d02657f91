/** What a drill does to a node for a while, as decisions know it: the same that the nodes say to each other. */

export type { DrillFault, DroppedPackets } from '../wire/pair/drill.js';

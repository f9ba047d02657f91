/** Everything that reads what strangers send. */
import { ADVERT_TARGETS } from './adverts.js';
import { FLOW_TARGETS } from './flows.js';
import { JUDGE_TARGETS } from './judges.js';
import { LINK_TARGETS } from './link.js';
import { PACKET_TARGETS } from './packets.js';
import { PEERS_TARGETS } from './peers.js';
import { PUSH_TARGETS } from './push.js';
import type { Target } from './target.js';

export const TARGETS: readonly Target[] = [
  ...ADVERT_TARGETS,
  ...PACKET_TARGETS,
  ...JUDGE_TARGETS,
  ...PEERS_TARGETS,
  ...LINK_TARGETS,
  ...PUSH_TARGETS,
  ...FLOW_TARGETS,
];

/** From what was observed to what is wrong: every check, in the order in which mistakes hide one another. */
import { checkAdverts, checkOthers } from './adverts.js';
import { checkDaemon } from './daemon-check.js';
import type { Finding } from './finding.js';
import { inOrder } from './finding.js';
import { checkAddresses, checkNeighbours, checkPeers } from './holders.js';
import { checkCapabilities, checkManagers, checkSettings, checkStart } from './machine.js';
import { checkFirewall, checkMasters } from './masters.js';
import type { Observations } from './observations.js';
import { checkProxy } from './proxy-check.js';
import { checkServices } from './services.js';
import { arrange } from './scene.js';

export function diagnose(observations: Observations): readonly Finding[] {
  const scene = arrange(observations);
  return inOrder([
    ...checkStart(observations),
    ...checkCapabilities(observations),
    ...checkDaemon(scene),
    ...checkAdverts(scene),
    ...checkFirewall(scene),
    ...checkMasters(scene),
    ...checkPeers(scene),
    ...checkAddresses(scene),
    ...checkNeighbours(scene),
    ...checkSettings(observations),
    ...checkProxy(observations),
    ...checkServices(observations),
    ...checkManagers(observations),
    ...checkOthers(scene),
  ]);
}

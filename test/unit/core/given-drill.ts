import type { Ip } from '../../../src/base/ip.js';
import { millis } from '../../../src/base/time.js';
import type { DrillNeed, DrillScene } from '../../../src/core/drill-scene.js';

export const ALL_NEEDS: ReadonlySet<DrillNeed> = new Set([
  'ready-backup',
  'channel',
  'reachability',
  'proxy',
  'supervised-proxy',
  'servers',
  'all-servers',
  'tracked-backends',
  'tables',
  'state-disk',
  'power-commands',
]);

/** A pair at 100 ms adverts that has all that any drill needs. */
export const GIVEN_SCENE: DrillScene = {
  here: 'lb2',
  group: 'web',
  master: 'lb1',
  backup: 'lb2',
  interfaces: ['eth0'],
  addresses: [
    { address: { address: '10.77.0.100' as Ip, prefixLength: 24 }, interface: 'eth0' },
    { address: { address: '10.77.0.101' as Ip, prefixLength: 24 }, interface: 'eth0' },
  ],
  advertInterval: millis(100),
  masterDown: millis(300),
  failback: 'when asked',
  channelPorts: [5112, 5113],
  proxySilence: millis(1250),
  servers: [
    { name: 'web/web1', address: '10.77.0.21' as Ip, port: 8080 },
    { name: 'web/web2', address: '10.77.0.22' as Ip, port: 8080 },
  ],
  serversByName: [],
  backendsLook: millis(2000),
  processors: 2,
  has: ALL_NEEDS,
};

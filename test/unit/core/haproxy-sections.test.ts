import { describe, expect, it } from 'vitest';
import {
  declaredTables,
  persistentServers,
  processFacts,
  sectionsOf,
} from '../../../src/core/haproxy-sections.js';
import { haproxyLines } from '../../../src/core/haproxy-text.js';

const read = (text: string) => sectionsOf(haproxyLines(text));

const FILE = `stray line
global
  user haproxy
  group "haproxy"
  chroot /var/lib/haproxy
  daemon
  localpeer "\${VIPAIR_NODE}" # this node
peers pair
  table limits type ip size 1k
frontend web
  stick-table type ip size 1k peers
backend app
  stick-table type string len 32 size 1k expire 1m peers pair
  stick on cookie(SESSION)
  server a 10.0.0.1:80 id 2 check
  server b 10.0.0.2:80 check
  server c 10.0.0.3:80 id x
  server
listen api
  stick-table type ip size 1k
  server z 10.0.0.9:80
`;

describe('haproxy.cfg says of stick tables', () => {
  it('whose the process is, and where it looks for sockets', () => {
    expect(processFacts(read(FILE))).toEqual({
      user: 'haproxy',
      group: 'haproxy',
      chroot: '/var/lib/haproxy',
      localPeer: '${VIPAIR_NODE}',
    });
    expect(processFacts(read('global\n  uid 7\n  gid 8\nglobal\n  gid 9\n'))).toEqual({
      ...{ user: '7', group: '9', chroot: undefined, localPeer: undefined },
    });
  });

  it('which there are, and to whom they are told', () => {
    expect(declaredTables(read(FILE))).toEqual([
      { name: '/limits', line: 9, peers: 'pair' },
      { name: 'web', line: 11, peers: undefined },
      { name: 'app', line: 13, peers: 'pair' },
      { name: 'api', line: 20, peers: undefined },
    ]);
    expect(declaredTables(read('peers p\n  table'))).toEqual([{ name: '/', line: 2, peers: 'p' }]);
  });

  it('which servers their rows name, with the ids that HAProxy gives them', () => {
    expect(persistentServers(read(FILE))).toEqual([
      {
        backend: 'app',
        servers: [
          { name: 'a', id: 2 },
          { name: 'b', id: 1 },
          { name: 'c', id: 3 },
          { name: '', id: 4 },
        ],
      },
    ]);
  });
});
